import Mustache

/// Turns what a template reads into dictionaries, by the names of its stored properties.
///
/// A template looks names up one by one. In a value it does so by reflection, which goes through all properties each time; here each
/// value is gone through once. What a template finds is the same: a property that is nil is not there, so that a name refers
/// to what surrounds the value.
enum PageFields {
    /// Nil for an optional that is nil. What is printed as it is stays as it is.
    static func of(_ value: Any) -> Any? {
        switch value {
        case let text as String: return text
        case let flag as Bool: return flag
        case let number as Int: return number
        default: break
        }
        let mirror = Mirror(reflecting: value)
        if mirror.displayStyle == .optional { return mirror.children.first.flatMap { of($0.value) } }
        switch value {
        case let texts as [String]: return texts
        case let list as [Any]: return list.map { of($0) ?? $0 }
        case is any CustomStringConvertible, is any MustacheParent, is any MustacheCustomRenderable: return value
        default: break
        }
        guard mirror.displayStyle == .struct else { return value }
        var fields: [String: Any] = [:]
        for child in mirror.children {
            if let name = child.label, let field = of(child.value) { fields[name] = field }
        }
        return fields
    }
}
