// swift-tools-version: 6.2
// Measured comparisons, a package of their own: nothing an app builds depends on them. `make bench` and `make soak` build and run them.
import PackageDescription

let package = Package(
  name: "martlet-benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "martlet", path: "..")],
  targets: [
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
    .executableTarget(
      name: "DecodeRows",
      dependencies: [
        "CLibPQ", .product(name: "MartletDrivers", package: "martlet"),
      ]),
    .executableTarget(name: "Soak", dependencies: [.product(name: "MartletDrivers", package: "martlet")]),
  ]
)
