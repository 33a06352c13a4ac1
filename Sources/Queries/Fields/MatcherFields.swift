public import Domain

extension RequestFields {
    /// The matchers of a route or a silence; nil when the field is absent, null or invalid.
    public mutating func matchers(limit: Int = 20) -> [AlertMatcher]? {
        objects("matchers", limit: limit) { fields in
            let name = fields.required("name", .choice(AlertMatcher.Name.allCases))
            let isEqual = fields.optional("is_equal", .bool) ?? true
            let values = fields.required("values", .list(.text(1...255)))
            if let values, values.isEmpty || values.count > 100 {
                fields.reject("values", "must have 1 to 100 values")
                return nil
            }
            fields.rejectUnread("is unknown")
            guard let name, let values else { return nil }
            return AlertMatcher(name: name, isEqual: isEqual, values: values)
        }
    }
}
