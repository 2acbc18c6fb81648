// The binary: every command of the app (`serve`, `migrate`, `seed`, …) comes from its declaration.
import ConduitApp
import Martlet

await Conduit.main()
