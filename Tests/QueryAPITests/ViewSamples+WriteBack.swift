import Domain
import Foundation
import Queries

@testable import QueryAPI

extension ViewSamples {
    /// What is written into Jira, and comments there.
    static var writeBacks: [ViewSamples] {
        let fields = WriteBackSettings.Fields(
            score: "customfield_1", band: "customfield_2", forecastDate: "customfield_3", cause: "customfield_4")
        return [
            ViewSamples(
                "WriteBack", WriteBackView(WriteBackStatus()),
                WriteBackView(WriteBackStatus(settings: WriteBackSettings(target: .property))),
                WriteBackView(
                    WriteBackStatus(
                        settings: WriteBackSettings(target: .fields, fields: fields), changedBy: "operator",
                        changedAt: testNow, stoppedUntil: testNow, stoppedReason: "refused", written: 1, refused: 1,
                        refusal: "refused", lastWrittenAt: testNow))),
            ViewSamples(
                "PostedComment",
                PostedCommentView(RiskComments.Posted(id: "900001", url: "https://a.example/browse/PAY-1"))),
        ]
    }
}
