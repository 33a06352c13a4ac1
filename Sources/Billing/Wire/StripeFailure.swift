public import Outbound

/// Why a call to Stripe gave nothing. No answer is repeated in its words, which may name people.
public enum StripeFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// No answer came; whether the call had an effect is not known.
    case unreachable(OutboundFailure)
    /// Stripe failed. It answers the same under the same idempotency key.
    case server(UInt)
    /// Too many calls; how long to wait, where Stripe says.
    case rateLimited(retryAfterSeconds: Int64?)
    /// Another call under the same idempotency key is under way.
    case keyInUse
    /// The secret key is not valid, or lacks a permission.
    case unauthorized
    /// The object is not there.
    case missing
    /// Stripe refused the call: the type or code of the error, and the parameter that it is about.
    case refused(code: String, parameter: String?)
    /// Not the JSON that it must be.
    case malformed
    /// The object is of the mode that is not configured.
    case otherMode

    /// One line for people.
    public var description: String {
        switch self {
        case .unreachable(let failure): "Stripe's host \(failure)"
        case .server(let status): "Stripe answered \(status)"
        case .rateLimited: "Stripe asks for fewer calls"
        case .keyInUse: "the same call is under way"
        case .unauthorized: "Stripe does not accept billing.stripe.key, or it lacks a permission"
        case .missing: "Stripe does not know the object"
        case .refused(let code, let parameter): "Stripe refused the call (\(code)\(parameter.map { ", \($0)" } ?? ""))"
        case .malformed: "Stripe's answer is malformed"
        case .otherMode: "Stripe's object is of the other mode than billing.stripe.mode"
        }
    }

    /// Whether the same call must be made again under the same key, for its outcome is not known.
    var isUndecided: Bool {
        switch self {
        case .unreachable, .rateLimited, .keyInUse: true
        case .server, .unauthorized, .missing, .refused, .malformed, .otherMode: false
        }
    }
}
