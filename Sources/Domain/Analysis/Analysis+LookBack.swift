extension Analysis {
    /// How far trends, spikes and forecasts look back from an issue's newest analysis, in days. The store keeps and loads
    /// as much of the history, and no alert rule may ask for more.
    public static let lookBackDays = 31
}
