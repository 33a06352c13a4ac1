import HTTPTypes
import Hummingbird
import Queries

/// The JSON of every failure: a stable code, a sentence, and for invalid requests the fields.
struct ErrorBody: Encodable {
    var code: String
    var detail: String
    var errors: [FieldError]?
    var planLimit: PlanLimitView?

    func response(status: HTTPResponse.Status, headers: HTTPFields) throws -> Response {
        try Answer(self, status: status, headers: headers).response()
    }
}
