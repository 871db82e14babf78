-- A mixed load for lua; prints only what it computed.
local state = 1
local function random(n)
  state = state * 48271 % 2147483647
  return state % n
end

local function hash(text)
  local h = 5381
  for i = 1, #text do h = (h * 33 + text:byte(i)) % 4294967296 end
  return h
end

local words, count = {}, {}
for i = 1, 200000 do
  local word = string.rep(string.char(97 + random(26)), 1 + random(4)) .. random(500)
  words[i] = word
  count[word] = (count[word] or 0) + 1
end
local keys = {}
for key in pairs(count) do keys[#keys + 1] = key end
table.sort(keys)
print(#keys, hash(table.concat(keys, ",")))

for round = 1, 5 do
  local live = {}
  for i = 1, 50000 do
    live[1 + random(3000)] = { i, tostring(i), { x = i, y = { i } }, function() return i end }
    if i % 1000 == 0 then collectgarbage(round % 2 == 0 and "step" or "collect") end
  end
  local sum = 0
  for _, item in pairs(live) do sum = sum + item[4]() + item[3].y[1] end
  print(round, sum)
end

local text = table.concat(words, " ", 1, 50000)
local changed = text:gsub("(%a)(%d+)", "%2%1")
print(#changed, hash(changed:sub(1, 100000)))

local routines = {}
for i = 1, 2000 do
  routines[i] = coroutine.wrap(function()
    local own = {}
    while true do
      own[#own + 1] = string.rep("x", random(100))
      coroutine.yield(#own)
    end
  end)
end
local total = 0
for _ = 1, 40 do
  for i = 1, #routines do total = total + routines[i]() end
end
print(total)
local big = {}
for i = 1, 2000000 do big[i] = i end
print(#big, select("#", table.unpack(big, 1, 5000)))
