// What `import Martlet` brings along: the modules an app is written with, and of Foundation and
// argument-parser only the types that declarations are made of.
@_exported import struct ArgumentParser.Argument
@_exported import struct ArgumentParser.CommandConfiguration
@_exported import struct ArgumentParser.ExitCode
@_exported import struct ArgumentParser.Flag
@_exported import struct ArgumentParser.Option
@_exported import struct ArgumentParser.OptionGroup
@_exported import protocol ArgumentParser.ExpressibleByArgument
@_exported import protocol ArgumentParser.ParsableCommand
@_exported import protocol ArgumentParser.ParsableArguments
@_exported import struct Foundation.Data
@_exported import struct Foundation.Date
@_exported import struct Foundation.Decimal
@_exported import struct Foundation.URL
@_exported import struct Foundation.UUID
@_exported import struct Logging.Logger
@_exported import MartletAuth
@_exported import MartletCLI
@_exported import MartletCore
@_exported import MartletHTTP
@_exported import MartletMigrations
@_exported import MartletMySQL
@_exported import MartletORM
@_exported import MartletPostgres
@_exported import MartletREST
@_exported import MartletSQL
@_exported import MartletSQLite
@_exported import MartletWeb
