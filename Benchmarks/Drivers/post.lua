-- POST of the same body each time.
local folder = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
dofile(folder .. "report.lua")
wrk.method = "POST"
wrk.body = os.getenv("BENCH_BODY")
