import ConduitApp
import Martlet

await Conduit.main()
