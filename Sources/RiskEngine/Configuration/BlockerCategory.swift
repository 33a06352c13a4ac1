/// What kind of thing holds work up. The raw values are the original product's names.
enum BlockerCategory: String, Sendable, CaseIterable {
    case technicalDebt = "technical_debt"
    case dependency, resource, external, requirements, testing, deployment

    /// Stands where no category fits.
    static let uncategorized = "uncategorized"
}
