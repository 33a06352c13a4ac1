/// The bins of the discrete-time hazard, in days from the sample.
public enum HazardBins {
    /// Where a bin ends and the next begins.
    public static let edges: [Double] = [0, 1, 3, 7, 14, 30, 60, 90, 120, 180, 270, 365, 545, 730, 1460]

    /// The number of bins.
    public static var count: Int { edges.count - 1 }

    /// The share of a bin that lies within `days` from the sample, in 0…1.
    public static func share(of bin: Int, within days: Double) -> Double {
        min(max((days - edges[bin]) / (edges[bin + 1] - edges[bin]), 0), 1)
    }
}
