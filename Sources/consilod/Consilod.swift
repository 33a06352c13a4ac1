import ArgumentParser

/// The `consilod` program. Errors thrown by a command end as one readable line and exit status 1.
@main
struct Consilod: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consilod",
        abstract: "Turns Jira Cloud webhooks into delivery-risk scores and alerts.",
        version: Version.current,
        subcommands: [
            ServeCommand.self, ReadyCommand.self, DoctorCommand.self, TopCommand.self, ShowCommand.self,
            WhyCommand.self,
            RescoreCommand.self, TenantCommand.self, PlanCommand.self, WebhookCommand.self, JiraCommand.self,
            BackfillCommand.self, BacktestCommand.self, SilenceCommand.self, RulesCommand.self, KeysCommand.self,
            MembersCommand.self, PeopleCommand.self, MailsCommand.self, LoginLinkCommand.self,
            ReplayCommand.self, StoreCommand.self, AuditCommand.self, ModelCommand.self, KeygenCommand.self,
        ])
}

enum Version {
    /// The version of this build, as the API and `--version` tell it.
    static let current = "0.1.0"
}
