/// What is wrong with one field of a request.
public struct FieldError: Error, Encodable, Hashable {
    /// Its name, within lists and objects as `slices[0].jql`.
    public var field: String
    /// To be read after the name: "must be …".
    public var message: String

    public init(field: String, message: String) {
        self.field = field
        self.message = message
    }
}
