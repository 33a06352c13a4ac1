// swift-tools-version: 6.2
import Foundation
import PackageDescription

// OpenVINO runs FinBERT. script/setup puts it into the package; OPENVINO_PREFIX names another place, and an installed
// one is found in /usr and /usr/local. Without it consilod builds all the same and reads comments by its word list.
let enginePrefix = [
    Context.environment["OPENVINO_PREFIX"], Context.packageDirectory + "/.engine/openvino", "/usr/local", "/usr",
]
.compactMap(\.self).first { FileManager.default.fileExists(atPath: $0 + "/include/openvino/c/openvino.h") }
let engineDependencies: [Target.Dependency] = enginePrefix == nil ? [] : ["COpenVINO"]
let engineTargets: [Target] = enginePrefix == nil ? [] : [.systemLibrary(name: "COpenVINO")]
let engineSwift: [SwiftSetting] =
    enginePrefix.map { [.define("HAS_OPENVINO"), .unsafeFlags(["-Xcc", "-I\($0)/include"])] } ?? []
// The second search path is that of the installed package.
let engineLinker: [LinkerSetting] =
    enginePrefix.map {
        [
            .unsafeFlags([
                "-L\($0)/lib", "-Xlinker", "-rpath", "-Xlinker", "\($0)/lib", "-Xlinker", "-rpath", "-Xlinker",
                "$ORIGIN/../lib/consilod",
            ])
        ]
    } ?? []

// XGBoost trains and applies the forecast (Debian's libxgboost-dev). Without it consilod builds all the same and forecasts by
// a logistic model of its own.
let hasTrees = ["/usr", "/usr/local"].contains {
    FileManager.default.fileExists(atPath: $0 + "/include/xgboost/c_api.h")
}
let treeDependencies: [Target.Dependency] = hasTrees ? ["CXGBoost"] : []
let treeTargets: [Target] =
    hasTrees ? [.systemLibrary(name: "CXGBoost", providers: [.apt(["libxgboost-dev"])])] : []
let treeSwift: [SwiftSetting] = hasTrees ? [.define("HAS_XGBOOST")] : []

/// For what folds, scores and stores: without optimisation the tests that replay histories take minutes.
let optimised: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// Every target of ours is compiled in the Swift 6 language mode; a warning fails the build.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTesting: Target.Dependency = .product(name: "HummingbirdTesting", package: "hummingbird")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let jwtKit: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

// The dependency graph is the architecture: a floor imports lower floors and never a sibling; consilod wires them
// together.
let package = Package(
    name: "consilod",
    products: [
        .executable(name: "consilod", targets: ["consilod"]),
        .executable(name: "ingest-server", targets: ["IngestServer"]),
        .executable(name: "finbert-bench", targets: ["FinBERTBench"]),
        .executable(name: "transfer-bench", targets: ["TransferBench"]),
        .executable(name: "score-bench", targets: ["ScoreBench"]),
        .executable(name: "reading-bench", targets: ["ReadingBench"]),
        .executable(name: "forecast-bench", targets: ["ForecastBench"]),
        .executable(name: "serving-bench", targets: ["ServingBench"]),
        .executable(name: "alert-bench", targets: ["AlertBench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.30.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-crypto", "4.0.0"..<"5.0.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: [.defaults, "YAML"]),
        .package(url: "https://github.com/jpsim/Yams", "5.4.0"..<"7.0.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.3"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.9.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.90.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.29.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.4.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // floor 4
        .executableTarget(
            name: "consilod",
            dependencies: [
                "Alerts", "Billing", "CSystemd", "CZlib", "Dashboard", "Domain", "FinBERT", "Forecast", "HTTPServer",
                "Identity",
                "JiraCloud",
                "Outbound", "Queries",
                "QueryAPI",
                "RiskEngine", "Store", "Vault", "WebhookIngest", "WorkLoop", asyncHTTPClient, crypto, hummingbird,
                lifecycle,
                logging, metrics, nioCore,
                httpTypes,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                nioHTTP1, nioPosix,
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"), yams,
            ],
            swiftSettings: strict
        ),
        // floor 3: doors
        .target(
            name: "WebhookIngest",
            dependencies: [
                "Billing", "Domain", "HTTPServer", "JiraCloud", "WorkLoop", crypto, hummingbird, httpTypes, lifecycle,
                logging, metrics, nioCore,
            ],
            swiftSettings: strict
        ),
        .target(
            name: "QueryAPI",
            dependencies: [
                "Alerts", "Domain", "Forecast", "HTTPServer", "Identity", "JiraCloud", "Outbound", "Queries",
                "RiskEngine", "Vault",
                hummingbird,
                httpTypes, logging, metrics,
                nioCore, yams,
            ],
            resources: [.embedInCode("OpenAPI/openapi.yaml")], swiftSettings: strict
        ),
        .target(
            name: "Dashboard",
            dependencies: [
                "Alerts", "Domain", "Forecast", "HTTPServer", "Identity", "Queries", "RiskEngine", "Vault", crypto,
                hummingbird, httpTypes, logging, nioCore,
                .product(name: "Mustache", package: "swift-mustache"), yams,
            ],
            resources: [
                .embedInCode("Assets/dashboard.css"), .embedInCode("Texts/en.json"),
                .embedInCode("Assets/reference.js"), .embedInCode("Assets/live.js"),
                .embedInCode("Templates/reference.mustache"), .embedInCode("Templates/reference-group.mustache"),
                .embedInCode("Templates/reference-schemas.mustache"),
                .embedInCode("Templates/reference-schema.mustache"),
                .embedInCode("Templates/audit.mustache"),
                .embedInCode("Templates/operator.mustache"), .embedInCode("Templates/operator-tenants.mustache"),
                .embedInCode("Templates/operator-tenant.mustache"),
                .embedInCode("Templates/operator-work.mustache"), .embedInCode("Templates/operator-usage.mustache"),
                .embedInCode("Templates/operator-mails.mustache"),
                .embedInCode("Templates/page.mustache"),
                .embedInCode("Templates/sign-in.mustache"), .embedInCode("Templates/link.mustache"),
                .embedInCode("Templates/overview.mustache"), .embedInCode("Templates/issues.mustache"),
                .embedInCode("Templates/issue.mustache"), .embedInCode("Templates/alerts.mustache"),
                .embedInCode("Templates/forecast.mustache"),
                .embedInCode("Templates/error.mustache"),
                .embedInCode("Templates/notifications.mustache"), .embedInCode("Templates/silences.mustache"),
                .embedInCode("Templates/rules.mustache"), .embedInCode("Templates/rule.mustache"),
                .embedInCode("Templates/scorecards.mustache"), .embedInCode("Templates/routes.mustache"),
                .embedInCode("Templates/route.mustache"), .embedInCode("Templates/channels.mustache"),
                .embedInCode("Templates/channel.mustache"), .embedInCode("Templates/setup.mustache"),
                .embedInCode("Templates/backfill.mustache"),
                .embedInCode("Templates/problems.mustache"), .embedInCode("Templates/matchers.mustache"),
                .embedInCode("Templates/issue-table.mustache"), .embedInCode("Templates/issue-past.mustache"),
                .embedInCode("Templates/risk-series.mustache"), .embedInCode("Templates/blocker-heat.mustache"),
                .embedInCode("Templates/projects.mustache"), .embedInCode("Templates/project.mustache"),
                .embedInCode("Templates/sprints.mustache"), .embedInCode("Templates/sprint.mustache"),
                .embedInCode("Templates/keys.mustache"), .embedInCode("Templates/members.mustache"),
                .embedInCode("Templates/plan.mustache"),
                .embedInCode("Templates/account.mustache"), .embedInCode("Templates/tenants.mustache"),
                .embedInCode("Templates/invitation.mustache"),
            ], swiftSettings: strict
        ),
        // The use cases stand between the doors, which adapt them to JSON, HTML or CSV, and the capabilities. They know
        // no HTTP, and reach the store and Jira through protocols of their own.
        .target(
            name: "Queries",
            dependencies: ["Alerts", "Domain", "Forecast", "Identity", "Outbound", "RiskEngine", logging],
            swiftSettings: strict),
        // floor 2: capabilities
        .target(
            name: "RiskEngine",
            dependencies: ["Domain", "WorkLoop", crypto, lifecycle, logging, metrics],
            swiftSettings: strict + optimised
        ),
        .target(
            name: "Forecast",
            dependencies: ["CPrior", "Domain", "WorkLoop", lifecycle, logging, metrics] + treeDependencies,
            swiftSettings: strict + treeSwift + optimised),
        .target(
            name: "Alerts",
            dependencies: [
                "CCurl", "CZlib", "Domain", "Outbound", "WorkLoop", asyncHTTPClient, crypto, lifecycle, logging,
                metrics,
                nioCore,
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict + optimised
        ),
        .target(
            name: "JiraCloud",
            dependencies: [
                "Domain", "Outbound", "WorkLoop", asyncHTTPClient, crypto, lifecycle, logging, metrics, nioCore,
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict + optimised
        ),
        .target(
            name: "FinBERT",
            dependencies: [
                "Domain", "Outbound", "WorkLoop", asyncHTTPClient, crypto, nioCore,
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ] + engineDependencies,
            swiftSettings: strict + engineSwift, linkerSettings: engineLinker),
        .target(
            name: "Store",
            dependencies: [
                "CPostgres", "CZstd", "Domain", crypto, logging, metrics, .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict + optimised
        ),
        .target(
            name: "Vault",
            dependencies: ["Domain", crypto, .product(name: "CryptoExtras", package: "swift-crypto")],
            swiftSettings: strict
        ),
        .target(
            name: "Identity",
            dependencies: ["Domain", "Outbound", asyncHTTPClient, crypto, jwtKit, nioCore, nioHTTP1],
            swiftSettings: strict),
        .target(
            name: "Billing",
            dependencies: [
                "Domain", "Outbound", "WorkLoop", asyncHTTPClient, crypto, lifecycle, logging, metrics, nioCore,
                nioHTTP1,
            ],
            swiftSettings: strict),
        // floor 1: values and plumbing
        .target(name: "Domain", swiftSettings: strict + optimised),
        .target(
            name: "Outbound",
            dependencies: [
                "Domain", asyncHTTPClient, nioCore, .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(name: "WorkLoop", dependencies: [lifecycle, nioPosix], swiftSettings: strict),
        .target(
            name: "HTTPServer",
            dependencies: [
                "Domain", hummingbird, httpTypes, lifecycle, logging, nioCore, nioHTTP1, nioPosix,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
            ],
            swiftSettings: strict
        ),
        // benchmarks
        .executableTarget(
            name: "IngestServer",
            dependencies: ["Domain", "JiraCloud", "Store", "WebhookIngest", "WorkLoop", hummingbird, logging, nioCore],
            path: "Benchmarks/IngestServer", swiftSettings: strict),
        .executableTarget(
            name: "ScoreBench", dependencies: ["Domain", "JiraCloud", "RiskEngine"], path: "Benchmarks/ScoreBench",
            swiftSettings: strict),
        .executableTarget(
            name: "FinBERTBench", dependencies: ["Domain", "FinBERT"], path: "Benchmarks/FinBERTBench",
            swiftSettings: strict + engineSwift),
        .executableTarget(
            name: "TransferBench", dependencies: ["Domain", "Store"], path: "Benchmarks/TransferBench",
            swiftSettings: strict),
        .executableTarget(
            name: "ReadingBench", dependencies: ["RiskEngine"], path: "Benchmarks/ReadingBench", swiftSettings: strict),
        .executableTarget(
            name: "ForecastBench", dependencies: ["Domain", "Forecast", "JiraCloud", "RiskEngine"],
            path: "Benchmarks/ForecastBench",
            swiftSettings: strict + treeSwift),
        .executableTarget(
            name: "ServingBench",
            dependencies: [
                "Domain", "Forecast", "JiraCloud", "RiskEngine", "Store", "WorkLoop", lifecycle, logging,
            ],
            path: "Benchmarks/ServingBench", swiftSettings: strict),
        .executableTarget(
            name: "AlertBench",
            dependencies: [
                "Alerts", "Domain", "JiraCloud", "Queries", "RiskEngine", "Store", "WorkLoop", logging,
            ],
            path: "Benchmarks/AlertBench", swiftSettings: strict),
        // tests
        .target(
            name: "TestSupport",
            dependencies: [
                "Domain", hummingbird, httpTypes, logging, nioCore, .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/TestSupport", swiftSettings: strict),
        // Test targets import it @testable: its declarations carry no access modifiers.
        .target(
            name: "DaemonTestSupport",
            dependencies: [
                "Domain", "JiraCloud", "TestSupport", "WebhookIngest", "WorkLoop", asyncHTTPClient, crypto, hummingbird,
                hummingbirdTesting, httpTypes, logging, nioCore, .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            path: "Tests/DaemonTestSupport", swiftSettings: strict),
        .testTarget(
            name: "OutboundTests",
            dependencies: [
                "Domain", "Outbound", "TestSupport", "WorkLoop", asyncHTTPClient, nioCore,
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "WorkLoopTests", dependencies: ["TestSupport", "WorkLoop"], swiftSettings: strict),
        .testTarget(
            name: "BillingTests", dependencies: ["Billing", "Domain", "TestSupport", crypto], swiftSettings: strict),
        .testTarget(name: "DomainTests", dependencies: ["Domain", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "JiraCloudTests",
            dependencies: [
                "Domain", "JiraCloud", "Outbound", "RiskEngine", "TestSupport", logging, nioCore,
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "VaultTests",
            dependencies: ["Domain", "TestSupport", "Vault", .product(name: "CryptoExtras", package: "swift-crypto")],
            resources: [.copy("Fixtures")], swiftSettings: strict),
        .target(
            name: "IdentityTestSupport",
            dependencies: [
                "Domain", "Identity", "Outbound", "TestSupport", asyncHTTPClient,
                .product(name: "CryptoExtras", package: "swift-crypto"), jwtKit, nioCore, nioHTTP1,
            ],
            path: "Tests/IdentityTestSupport", swiftSettings: strict),
        .testTarget(
            name: "IdentityTests",
            dependencies: [
                "Domain", "Identity", "IdentityTestSupport", "Outbound", "TestSupport", asyncHTTPClient,
                .product(name: "CryptoExtras", package: "swift-crypto"), jwtKit, nioCore, nioHTTP1,
            ],
            swiftSettings: strict),
        .target(
            name: "StoreTestSupport", dependencies: ["Domain", "Store", "TestSupport"], path: "Tests/StoreTestSupport",
            swiftSettings: strict),
        .testTarget(
            name: "StoreTests",
            dependencies: ["Alerts", "Domain", "Store", "StoreTestSupport", "TestSupport", lifecycle, logging],
            resources: [.copy("Fixtures")],
            swiftSettings: strict),
        .testTarget(
            name: "RiskEngineTests", dependencies: ["Domain", "JiraCloud", "RiskEngine", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ForecastTests", dependencies: ["Domain", "Forecast", "TestSupport"],
            swiftSettings: strict + treeSwift),
        .testTarget(
            name: "WebhookIngestTests",
            dependencies: [
                "DaemonTestSupport", "Domain", "JiraCloud", "TestSupport", "WebhookIngest", "WorkLoop", crypto,
                hummingbird, hummingbirdTesting, httpTypes, logging, nioCore,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "HTTPServerTests",
            dependencies: ["Domain", "HTTPServer", "TestSupport", hummingbird, httpTypes, lifecycle, logging, nioCore],
            swiftSettings: strict),
        .testTarget(
            name: "FinBERTTests",
            dependencies: [
                "Domain", "FinBERT", "Outbound", "TestSupport", asyncHTTPClient, crypto, hummingbird, httpTypes,
                lifecycle, logging,
                nioCore,
            ],
            exclude: ["Fixtures"], swiftSettings: strict + engineSwift),
        .testTarget(
            name: "AlertsTests",
            dependencies: [
                "Alerts", "Domain", "Outbound", "TestSupport", asyncHTTPClient, hummingbird, lifecycle, logging,
                nioCore,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "QueryAPITests",
            dependencies: [
                "Alerts", "Domain", "Forecast", "HTTPServer", "Identity", "IdentityTestSupport", "JiraCloud",
                "Outbound",
                "Queries", "QueryAPI", "RiskEngine", "Store", "StoreTestSupport", "TestSupport",
                "Vault", hummingbird, hummingbirdTesting, httpTypes, logging, metrics, nioCore, yams,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ConsilodTests",
            dependencies: [
                "Alerts", "Billing", "consilod", "DaemonTestSupport", "Dashboard", "Domain", "FinBERT", "Forecast",
                "HTTPServer",
                "Identity", "IdentityTestSupport", "JiraCloud", "Outbound", "RiskEngine", "Store", "StoreTestSupport",
                "TestSupport", "WorkLoop", asyncHTTPClient,
                crypto, httpTypes, lifecycle, logging, metrics, nioCore,
                nioHTTP1, yams,
            ],
            swiftSettings: strict),
        // Tests that flood the daemon, fill disks, kill servers or boot systemd: one suite at a time, alone on the machine.
        .testTarget(
            name: "SystemTests",
            dependencies: [
                "consilod", "DaemonTestSupport", "Domain", "FinBERT", "JiraCloud", "Store", "StoreTestSupport",
                "TestSupport",
                "WebhookIngest", asyncHTTPClient, crypto, hummingbird, httpTypes, logging, nioCore,
                nioHTTP1,
            ],
            exclude: ["Browser"], swiftSettings: strict),
        // ground
        // Embeds the priors of the forecast, next to it.
        .target(name: "CPrior", exclude: ["prior.json", "prior-logistic.json"]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    ] + engineTargets + treeTargets,
    swiftLanguageModes: [.v6]
)
