/// How trees are boosted. The defaults are those of the hazard (docs/decisions: depth 3-6, 120-500 trees and rates of
/// .02-.05 were all within .004 of AUC).
public struct BoosterParameters: Sendable, Equatable {
    /// Trees to add.
    public var trees = 150
    /// Depth of a tree.
    public var depth = 4
    /// The part of a tree's answer that counts ("eta"), in 0…1.
    public var rate = 0.05
    /// The least sum of second derivatives in a leaf ("min_child_weight").
    public var leastLeaf = 5.0
    /// L2 penalty of leaves ("lambda").
    public var penalty = 5.0
    /// The part of the rows that a tree sees, in 0…1.
    public var rowShare = 0.8
    /// The part of the columns that a tree sees, in 0…1.
    public var columnShare = 0.5
    /// Steps into which a column's values are grouped.
    public var steps = 64
    /// Of the generator that chooses rows and columns.
    public var seed = 0
    /// For each column the direction in which the margin may move with it: -1, 0 or +1. Empty: any, for all of them.
    public var monotone: [Int] = []

    public init() {}

    /// Names and values in XGBoost's terms. One thread always: on a busy machine libgomp's threads spin, and the bytes
    /// of a model must not depend on their number. The base score stays at 0.5: that of a model saved by XGBoost 3.1 or later
    /// is lost in 1.7.4, unless it is this one (`findings/xgboost-drops-newer-base-score.sh`).
    var settings: [(name: String, value: String)] {
        var settings = [
            ("nthread", "1"), ("verbosity", "0"), ("objective", "binary:logistic"), ("tree_method", "hist"),
            ("base_score", "0.5"), ("max_depth", "\(depth)"), ("eta", "\(rate)"), ("min_child_weight", "\(leastLeaf)"),
            ("lambda", "\(penalty)"), ("subsample", "\(rowShare)"), ("colsample_bytree", "\(columnShare)"),
            ("max_bin", "\(steps)"), ("seed", "\(seed)"),
            // The library's generator belongs to the thread; without this, a second booster on it would change the
            // first.
            ("seed_per_iteration", "true"),
        ]
        if !monotone.isEmpty {
            settings.append(("monotone_constraints", "(" + monotone.map(String.init).joined(separator: ",") + ")"))
        }
        return settings
    }
}
