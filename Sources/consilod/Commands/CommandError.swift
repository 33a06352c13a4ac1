/// Why a command could not do what it was asked for, in one line for people.
struct CommandError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
