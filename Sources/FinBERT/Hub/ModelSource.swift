public import Foundation

/// Where a model is published: a repository of the Hugging Face hub, or of a mirror that speaks the hub's API.
public struct ModelSource: Sendable {
    /// The hub itself; `HF_ENDPOINT` names a mirror.
    public static let defaultEndpoint = "https://huggingface.co"
    /// FinBERT as its authors publish it (arXiv 1908.10063).
    public static let defaultRepository = "ProsusAI/finbert"
    /// The branch with the newest files.
    public static let defaultRevision = "main"

    /// The hub's address, http or https, without a slash at its end.
    public let endpoint: URL
    /// `owner/name`, or the bare name that the hub's oldest repositories have.
    public let repository: String
    /// A branch, a tag or a commit.
    public let revision: String
    /// Sent to the endpoint and to no other host. Public repositories need none.
    public let accessToken: AccessToken?

    /// Throws ``ModelDownloadError`` naming the value that cannot be what it should be.
    public init(
        endpoint: String = Self.defaultEndpoint, repository: String = Self.defaultRepository,
        revision: String = Self.defaultRevision, accessToken: AccessToken? = nil
    ) throws {
        var address = endpoint[...]
        while address.hasSuffix("/") { address.removeLast() }
        guard let url = URL(string: String(address)), ["http", "https"].contains(url.scheme?.lowercased()),
            url.host?.isEmpty == false, url.user == nil, url.query == nil, url.fragment == nil
        else {
            // An address may hold a password, so it is not repeated.
            throw ModelDownloadError(
                .malformedSetting, "the hub's address must be http://HOST or https://HOST, without user and query")
        }
        let names = repository.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(names.count), names.allSatisfy(Self.isName) else {
            throw ModelDownloadError(
                .malformedSetting, "the repository must be OWNER/NAME, such as \(Self.defaultRepository)")
        }
        guard !revision.isEmpty, revision.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ModelDownloadError(.malformedSetting, "the revision must be the name of a branch, a tag or a commit")
        }
        self.endpoint = url
        self.repository = repository
        self.revision = revision
        self.accessToken = accessToken
    }

    /// The page where people find the files. On the hub itself: a mirror need not have pages.
    public var page: String { "\(Self.defaultEndpoint)/\(repository)/tree/\(revision)" }

    /// The hub's own rule: letters, digits, `-`, `_` and `.`, and neither dots alone nor a dot in front.
    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty && text.count <= 96 && !text.hasPrefix(".")
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
    }

    // MARK: addresses

    /// What the repository holds at the revision, with the size and checksum of each file.
    ///
    /// Source: https://huggingface.co/docs/hub/api
    var listingAddress: String {
        // A branch may have slashes (refs/pr/1); to the hub a revision is one part of the path.
        let part = revision.addingPercentEncoding(withAllowedCharacters: Self.unreserved) ?? revision
        return "\(endpoint.absoluteString)/api/models/\(repository)/revision/\(part)?blobs=true"
    }

    func address(of file: String, commit: String) -> String {
        "\(endpoint.absoluteString)/\(repository)/resolve/\(commit)/\(file)"
    }

    /// RFC 3986, 2.3.
    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
