/// What a metric is, as `/metrics` describes it.
struct MetricDescription: Sendable {
    enum Kind: String, Sendable { case counter, gauge, histogram }

    var kind: Kind
    /// One line for people.
    var help: String
    /// The upper bounds of a histogram, in seconds.
    var buckets: [Double] = []

    /// Every metric there is, by name. `docs/operations.md` explains each.
    static let all: [String: MetricDescription] = {
        let quick = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
        let slow = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
        func counter(_ help: String) -> MetricDescription { MetricDescription(kind: .counter, help: help) }
        func gauge(_ help: String) -> MetricDescription { MetricDescription(kind: .gauge, help: help) }
        func histogram(_ help: String, _ buckets: [Double]) -> MetricDescription {
            MetricDescription(kind: .histogram, help: help, buckets: buckets)
        }
        return [
            // Ingest
            "consilod_webhooks_total": counter("Webhooks by outcome."),
            "consilod_webhook_commit_duration_seconds": histogram(
                "From the head of a webhook's request to its commit on disk.", quick),
            "consilod_webhook_bytes_in_hand": gauge(
                "Bytes of webhook bodies in flight: received and not on disk yet."),
            "consilod_webhook_bytes_in_hand_max": gauge("Limit of bytes in flight, beyond which webhooks get 503."),
            "consilod_api_refused_credentials_total": counter("Refused credentials of the API by reason."),
            "consilod_http_connections": gauge("Open connections."),
            "consilod_http_connections_max": gauge("Limit of open connections."),
            // Inbox and queue
            "consilod_inbox_pending_events": gauge("Webhooks stored but not folded yet, counted up to 250,000."),
            "consilod_inbox_rejected_events": gauge("Webhooks stored but not understood, counted up to 250,000."),
            "consilod_inbox_oldest_pending_age_seconds": gauge(
                "Age of the oldest webhook not folded yet; 0 if all are folded."),
            "consilod_inbox_last_event_timestamp_seconds": gauge(
                "When the newest event was received, by webhook or fetched from Jira."),
            "consilod_queue_due_issues": gauge("Issues due for scoring, counted up to 250,000."),
            "consilod_queue_parked_issues": gauge("Issues parked after repeated failures."),
            "consilod_queue_oldest_due_age_seconds": gauge(
                "How long the first issue of the queue has been due; 0 when the queue has no due issue."),
            // Scoring
            "consilod_issues_scored_total": counter("Analyses committed."),
            "consilod_issue_scoring_failures_total": counter("Failed attempts to score an issue."),
            "consilod_issue_scoring_duration_seconds": histogram(
                "From the claim of an issue to the commit of its analysis.", slow),
            "consilod_sentiment_texts_read_total": counter("Texts read by the model or the word list."),
            "consilod_sentiment_cache_hits_total": counter("Texts whose reading was in the cache."),
            "consilod_model_windows_read_total": counter("Texts, or windows of long ones, that FinBERT has read."),
            "consilod_model_batches_total": counter("Batches that FinBERT has read."),
            "consilod_model_loaded": gauge("1 while FinBERT reads comments, 0 while the word list does."),
            "consilod_model_enabled": gauge("1 if FinBERT is enabled (model.enabled)."),
            "consilod_engine_info": gauge("Always 1; the rules and the sentiment model in use."),
            // Billing
            "consilod_stripe_events_total": counter("Requests to the endpoint for Stripe's events, by outcome."),
            "consilod_stripe_calls_total": counter("Calls to Stripe by outcome."),
            // Alerts
            "consilod_alert_deliveries_total": counter("Attempts to deliver an alert, by channel and outcome."),
            "consilod_alert_deliveries_queued": gauge("Deliveries waiting."),
            "consilod_alert_dead_letters": gauge("Deliveries given up, in the dead-letter list."),
            "consilod_account_mails_total": counter("Attempts to send a mail about an account, by kind and outcome."),
            "consilod_account_mails_queued": gauge("Mails about accounts waiting."),
            "consilod_account_mails_dead": gauge("Mails about accounts that were given up."),
            // Forecasts
            "consilod_forecast_trainings_total": counter("Trainings of tenants by outcome."),
            "consilod_forecast_training_duration_seconds": histogram(
                "From the claim of a training to its end.", [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900]),
            "consilod_forecast_backtests_total": counter("Requested backtests by outcome."),
            "consilod_forecast_refreshes_total": counter(
                "Refreshes of a tenant's stale forecasts by outcome."),
            "consilod_forecasts_refreshed_total": counter("Forecasts computed by refreshes."),
            "consilod_forecast_failing_refreshes": gauge(
                "Tenants whose last forecast refresh failed and is retried."),
            "consilod_forecast_active_models": gauge("Tenants whose own model is in use."),
            "consilod_forecast_stepped_down_tenants": gauge(
                "Tenants whose model no longer does better than age alone."),
            "consilod_forecast_failing_tenants": gauge("Tenants whose last training failed."),
            "consilod_forecast_backtests_waiting": gauge("Backtests waiting or running."),
            // Jira
            "consilod_jira_calls_total": counter("Calls to Jira by outcome."),
            "consilod_jira_call_duration_seconds": histogram("Duration of calls to Jira that were answered.", slow),
            "consilod_jira_writes_total": counter("Values written into Jira, issue by issue, by result."),
            "consilod_jira_missed_issues_total": counter(
                "Issues with changes in Jira that no webhook reported, since the start."),
            "consilod_jira_healed_issues_total": counter("Missed issues that were fetched, since the start."),
            "consilod_jira_deleted_issues_total": counter(
                "Issues found deleted without a webhook, since the start."),
            "consilod_jira_hidden_issues_total": counter(
                "Issues that Jira no longer shows to the account, since the start."),
            "consilod_jira_stopped_tenants": gauge("Tenants whose Jira refuses the account: calls are stopped."),
            "consilod_jira_fetches_waiting": gauge("Issues waiting to be fetched from Jira."),
            "consilod_jira_fetches_parked": gauge("Issues that cannot be fetched from Jira."),
            // Store
            "consilod_store_commits_total": counter("Transactions committed."),
            "consilod_store_commit_failures_total": counter("Transactions that the store could not commit."),
            "consilod_store_transaction_duration_seconds": histogram(
                "How long write transactions held their connection, without the wait for it.", quick),
            "consilod_store_nodes": gauge("Processes that use the store."),
            "consilod_store_disk_available_bytes": gauge(
                "Available bytes on the file system of the SQLite store."),
            "consilod_store_disk_size_bytes": gauge("Size of the file system of the SQLite store."),
            // The daemon
            "consilod_component_state": gauge("1 for the state that a component of the daemon is in, as in /health."),
            "consilod_build_info": gauge("Always 1; the version."),
            // The process, under the names that Prometheus' client libraries have agreed on
            "process_cpu_seconds_total": counter("User and system CPU time spent."),
            "process_max_fds": gauge("Most open file descriptors."),
            "process_open_fds": gauge("Open file descriptors."),
            "process_resident_memory_bytes": gauge("Resident memory."),
            "process_start_time_seconds": gauge("Start time of the process since the epoch."),
            "process_virtual_memory_bytes": gauge("Virtual memory."),
        ]
    }()
}
