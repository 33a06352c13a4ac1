public import Domain

/// The custom fields that the wire formats are read by.
public typealias JiraFieldMapping = CustomFields
