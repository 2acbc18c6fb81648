// swift-tools-version: 6.2
// Measured comparisons, a package of their own: nothing an app builds depends on them. `make bench` and `make soak` build and run them.
import PackageDescription

func nio(_ name: String) -> Target.Dependency { .product(name: name, package: "swift-nio") }
let martlet = Target.Dependency.product(name: "Martlet", package: "martlet")
let drivers = Target.Dependency.product(name: "MartletDrivers", package: "martlet")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
  name: "martlet-benchmarks",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "techempower", targets: ["TechEmpower"]),
    .executable(name: "bare-nio", targets: ["BareNIO"]),
    .executable(name: "bare-libpq", targets: ["BareLibPQ"]),
    .executable(name: "stock-hummingbird", targets: ["StockHummingbird"]),
    .executable(name: "bench-conduit", targets: ["BenchConduit"]),
    .executable(name: "micro", targets: ["Micro"]),
  ],
  dependencies: [
    .package(name: "martlet", path: ".."),
    .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0", traits: []),
    .package(url: "https://github.com/google/swift-benchmark.git", from: "0.1.2"),
  ],
  targets: [
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
    .executableTarget(
      name: "DecodeRows",
      dependencies: ["CLibPQ", drivers]),
    .executableTarget(name: "Soak", dependencies: [drivers]),
    .target(name: "Draws"),
    // TechEmpower's tests through the public API.
    .executableTarget(name: "TechEmpower", dependencies: [martlet, "Draws"]),
    // The example application, in release.
    .executableTarget(name: "BenchConduit", dependencies: [martlet, .product(name: "ConduitApp", package: "martlet")]),
    // What is between a socket and a handler, and nothing else.
    .target(name: "BareHTTP", dependencies: ["Draws", nio("NIOCore"), nio("NIOPosix"), nio("NIOHTTP1")]),
    .executableTarget(name: "BareNIO", dependencies: ["BareHTTP", drivers, logging, nio("NIOCore"), nio("NIOPosix")]),
    .executableTarget(name: "BareLibPQ", dependencies: ["BareHTTP", "CLibPQ", nio("NIOCore"), nio("NIOPosix")]),
    .executableTarget(
      name: "StockHummingbird",
      dependencies: [.product(name: "Hummingbird", package: "hummingbird"), "Draws", drivers, logging, nio("NIOPosix")]),
    .executableTarget(
      name: "Micro",
      dependencies: [
        martlet, .product(name: "ConduitApp", package: "martlet"), .product(name: "Benchmark", package: "swift-benchmark"),
      ]),
  ]
)

// Written by `scripts/bench --growth`, which sets the variable, for the time that hundreds of models take to start.
if Context.environment["BENCH_MANY_MODELS"] != nil {
  package.targets.append(.executableTarget(name: "ManyModels", dependencies: [martlet], path: ".build/generated/ManyModels"))
  package.products.append(.executable(name: "many-models", targets: ["ManyModels"]))
}
