-- POST of a new article each time; no two titles are equal. The thread's number comes from setup, the headers from -H.
local folder = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
dofile(folder .. "report.lua")

local threads = 0
setup = function(thread)
  threads = threads + 1
  thread:set("number", threads)
end

local count = 0
local stamp = os.getenv("BENCH_STAMP") or "0"
request = function()
  count = count + 1
  local title = string.format("Measured article %s %d %d", stamp, number, count)
  local body = '{"article": {"title": "' .. title .. '", "description": "What it is about", "body": "'
    .. string.rep("A sentence of the body. ", 20) .. '", "tagList": ["swift", "databases"]}}'
  return wrk.format("POST", nil, nil, body)
end
