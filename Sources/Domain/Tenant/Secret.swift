/// A value that came from a secret source: a credential, the environment, a key of the configuration that is one.
///
/// It cannot be formatted, and so not be logged: an interpolation of it does not compile, and what prints a value that
/// holds one (`dump`, the log of a library) finds a function in its place. Code that needs it uses
/// ``revealed``, which is easy to search for.
public struct Secret<Value: Sendable>: Sendable {
    private let reveal: @Sendable () -> Value

    public init(_ value: Value) { reveal = { value } }

    /// The secret itself.
    public var revealed: Value { reveal() }
}

extension Secret: ExpressibleByUnicodeScalarLiteral, ExpressibleByExtendedGraphemeClusterLiteral,
    ExpressibleByStringLiteral
where Value == String {
    /// For tests, and for what is no secret.
    public init(stringLiteral value: String) { self.init(value) }
}

extension DefaultStringInterpolation {
    /// Never compiles.
    @available(*, unavailable, message: "a secret is not formatted")
    public mutating func appendInterpolation<Value>(_ secret: Secret<Value>) {}

    /// Never compiles.
    @available(*, unavailable, message: "a secret is not formatted")
    public mutating func appendInterpolation<Value>(_ secret: Secret<Value>?) {}
}
