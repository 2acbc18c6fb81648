// swift-tools-version: 6.2
import CompilerPluginSupport
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let hummingbird = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let jwt = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
func nio(_ name: String) -> Target.Dependency { .product(name: name, package: "swift-nio") }
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
func syntax(_ name: String) -> Target.Dependency { .product(name: name, package: "swift-syntax") }

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}
func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, path: "Tests/\(name)", exclude: exclude, swiftSettings: settings)
}

/// What `import Martlet` brings. A target that imports it names them all: SwiftPM builds a target anew when a module that it
/// names has changed, and the module Martlet itself does not change when the layout of a type that it re-exports does.
let martlet = [
  "Martlet", "MartletCLI", "MartletREST", "MartletAuth", "MartletWeb", "MartletHTTP", "MartletMigrations", "MartletSQLite",
  "MartletPostgres", "MartletMySQL", "MartletORM", "MartletSQL", "MartletCore",
]
let martletModules = martlet.map { Target.Dependency.target(name: $0) }

let targets: [Target] = [
  .systemLibrary(name: "CSQLite3", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
  .systemLibrary(name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"]), .brew(["argon2"])]),
  .systemLibrary(
    name: "CMariaDB", pkgConfig: "libmariadb", providers: [.apt(["libmariadb-dev"]), .brew(["mariadb-connector-c"])]),
  // The oracle of MartletPostgres's tests; nothing that is shipped links it.
  .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
  .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),

  module("MartletCore", [configuration, logging]),
  module("MartletSQL", ["MartletCore", logging]),
  module("MartletSQLite", ["MartletSQL", "MartletCore", "CSQLite3", crypto, logging]),
  module(
    "MartletPostgres",
    [
      "MartletSQL", "MartletCore", crypto, cryptoExtras, logging, nio("NIOCore"), nio("NIOPosix"), nio("NIOTLS"), nioSSL,
    ]),
  module("MartletMySQL", ["MartletSQL", "MartletCore", "CMariaDB", logging]),
  .macro(
    name: "MartletMacros",
    dependencies: [
      syntax("SwiftSyntax"), syntax("SwiftSyntaxMacros"), syntax("SwiftCompilerPlugin"), syntax("SwiftDiagnostics"),
      syntax("SwiftParser"),
    ], swiftSettings: settings),
  module("MartletORM", ["MartletSQL", "MartletCore", "MartletMacros"]),
  module("MartletMigrations", ["MartletORM", "MartletSQL", "MartletCore", crypto, logging]),
  module(
    "MartletHTTP",
    [
      "MartletCore", "CZlib", hummingbird, lifecycle, logging, nio("NIOCore"), nio("NIOPosix"), nio("NIOHTTP1"), nio("NIOTLS"),
      nio("NIOWebSocket"), nioHTTP2, nioSSL, crypto,
    ]),
  module("MartletWeb", ["MartletHTTP", "MartletCore", mustache]),
  module(
    "MartletAuth",
    [
      "MartletORM", "MartletSQL", "MartletHTTP", "MartletCore", "CArgon2", "CZlib", crypto, cryptoExtras, jwt, logging,
      nio("NIOPosix"), nio("NIOCore"),
    ]),
  module("MartletREST", ["MartletORM", "MartletSQL", "MartletHTTP", "MartletCore", crypto]),
  module(
    "MartletCLI",
    [
      "MartletORM", "MartletSQL", "MartletSQLite", "MartletPostgres", "MartletMySQL", "MartletMigrations", "MartletHTTP",
      "MartletWeb", "MartletAuth", "MartletREST", "MartletCore",
      argumentParser, lifecycle, signals, logging,
    ]),
  module(
    "Martlet",
    [
      "MartletCLI", "MartletORM", "MartletSQL", "MartletSQLite", "MartletPostgres", "MartletMySQL", "MartletMigrations",
      "MartletHTTP", "MartletWeb", "MartletAuth",
      "MartletREST", "MartletCore", argumentParser, logging,
    ]),
  module(
    "MartletTesting", martletModules + [logging]),

  .target(name: "ConduitApp", dependencies: martletModules, path: "Examples/Conduit/Sources/ConduitApp", swiftSettings: settings),
  .executableTarget(
    name: "conduit", dependencies: ["ConduitApp"] + martletModules, path: "Examples/Conduit/Sources/conduit",
    swiftSettings: settings),

  tests("MartletCoreTests", ["MartletCore", logging]),
  tests("MartletSQLTests", ["MartletSQL", "MartletCore"]),
  // The databases that tests run on: SQLite in memory, and the servers that scripts/test has started.
  .target(
    name: "TestDatabases",
    dependencies: [
      "MartletSQL", "MartletSQLite", "MartletPostgres", "MartletMySQL", "MartletCore", nio("NIOPosix"),
    ], path: "Tests/TestDatabases", swiftSettings: settings),
  tests(
    "MartletPostgresTests",
    martletModules + ["MartletTesting", "TestDatabases", "CLibPQ", crypto, logging, nio("NIOCore"), nio("NIOPosix"), nioSSL]),
  tests("MartletMySQLTests", martletModules + ["MartletTesting", "TestDatabases", "CMariaDB", logging]),
  tests("MartletSQLiteTests", martletModules + ["MartletTesting", "TestDatabases", "CSQLite3"]),
  tests(
    "MartletMacrosTests",
    [
      "MartletMacros", syntax("SwiftSyntax"), syntax("SwiftSyntaxMacros"), syntax("SwiftSyntaxMacroExpansion"),
      syntax("SwiftParser"), syntax("SwiftDiagnostics"), syntax("SwiftBasicFormat"),
    ], exclude: ["Goldens"]),
  tests("MartletORMTests", ["TestDatabases", "MartletORM", "MartletSQL", "MartletSQLite", "MartletCore"]),
  tests(
    "MartletMigrationsTests", ["TestDatabases", "MartletMigrations", "MartletORM", "MartletSQL", "MartletSQLite", "MartletCore"]),
  // Counts what tests with a budget ask of malloc.
  .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
  tests(
    "MartletHTTPTests",
    [
      "MartletHTTP", "MartletCore", "CAllocationCounter", lifecycle, logging, nio("NIOCore"), nio("NIOPosix"), nioSSL,
      signals,
    ]),
  // Asked by other people's HTTP clients, for Tests/Transport/run.py.
  .executableTarget(
    name: "transport-app", dependencies: ["MartletHTTP", "MartletCore", lifecycle, logging, signals], path: "Tests/Transport/App",
    swiftSettings: settings),
  tests("MartletWebTests", ["MartletWeb", "MartletHTTP", "MartletCore"]),
  tests(
    "MartletAuthTests",
    [
      "TestDatabases", "MartletAuth", "MartletMigrations", "MartletORM", "MartletSQL", "MartletSQLite", "MartletHTTP",
      "MartletCore",
      crypto,
    ]),
  tests(
    "MartletRESTTests",
    [
      "TestDatabases", "MartletREST", "MartletMigrations", "MartletORM", "MartletSQL", "MartletSQLite", "MartletHTTP",
      "MartletCore",
    ],
    exclude: ["Goldens"]),
  tests(
    "MartletCLITests", ["TestDatabases", "MartletTesting", argumentParser, logging] + martletModules),
  // Answers queries for Tests/DjangoParity/run.py, which asks Django the same.
  .executableTarget(
    name: "django-parity", dependencies: martletModules, path: "Tests/DjangoParity", exclude: ["run.py", "tables.py", "library"],
    sources: ["Sources"], swiftSettings: settings),
  // Twelve models behind one API, for Tests/Schemathesis/run.py.
  .executableTarget(
    name: "schemathesis-app", dependencies: martletModules, path: "Tests/SchemathesisApp", swiftSettings: settings),
  tests("IntegrationTests", ["TestDatabases", "MartletTesting", "ConduitApp"] + martletModules),
]

let package = Package(
  name: "martlet",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Martlet", targets: martlet),
    .library(name: "MartletTesting", targets: ["MartletTesting"]),
    // The example, for Benchmarks, which builds it in release.
    .library(name: "ConduitApp", targets: ["ConduitApp"]),
    // The drivers alone, without the ORM.
    .library(
      name: "MartletDrivers", targets: ["MartletSQL", "MartletSQLite", "MartletPostgres", "MartletMySQL", "MartletCore"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0", traits: []),
    .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.0"),
    .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.46.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0", traits: []),
    .package(url: "https://github.com/hummingbird-project/swift-mustache.git", from: "2.1.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-syntax.git", from: "603.0.1"),
    .package(url: "https://github.com/vapor/jwt-kit.git", from: "5.7.0"),
  ],
  targets: targets
)
