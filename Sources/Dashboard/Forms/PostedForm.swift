import Foundation
import HTTPServer
import HTTPTypes
import Hummingbird
import Vault

/// A form that was posted (`application/x-www-form-urlencoded`).
struct PostedForm: Sendable {
    private static let limit = 64 << 10
    private let form: URLEncodedForm

    /// Throws ``PageError/badForm(_:)``.
    init(_ request: Request) async throws {
        // A browser says where a form comes from; one that does not is an old one, which the token protects.
        if let site = HTTPField.Name("Sec-Fetch-Site").flatMap({ request.headers[$0] }), site != "same-origin",
            site != "none"
        {
            throw PageError.badForm(PageTexts.english("error", "other_site"))
        }
        do { form = try await URLEncodedForm(bodyOf: request, limit: Self.limit) } catch {
            throw PageError.badForm(PageTexts.english("error", "too_long"))
        }
    }

    /// As the other, and checks that the form is one of the session's pages.
    init(_ request: Request, of visit: Visit) async throws { try await self.init(request, formToken: visit.formToken) }

    /// As the other, for the host's owner.
    init(_ request: Request, of visit: OperatorVisit) async throws {
        try await self.init(request, formToken: visit.formToken)
    }

    /// As the other, for a person, whichever tenant the session shows.
    init(_ request: Request, of visit: PersonVisit) async throws {
        try await self.init(request, formToken: visit.formToken)
    }

    private init(_ request: Request, formToken: String) async throws {
        try await self.init(request)
        guard ConstantTime.equal(self["form_token"] ?? "", formToken) else {
            throw PageError.badForm(PageTexts.english("error", "other_session"))
        }
    }

    /// The last value of a name; nil for an empty one.
    subscript(name: String) -> String? { all(name).last.flatMap { $0.isEmpty ? nil : $0 } }

    /// All values of a name in the order of the form, empty ones too.
    func all(_ name: String) -> [String] {
        form.all(name).map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
    }
}
