-- Binary trees, tables and strings: every one of Lua's values is a block of its own.
local function tree(depth)
  if depth == 0 then return {} end
  return { tree(depth - 1), tree(depth - 1) }
end

local function nodes(node)
  return node[1] and 1 + nodes(node[1]) + nodes(node[2]) or 1
end

local kept = tree(16)
local total = 0
for depth = 4, 14, 2 do
  for _ = 1, 1 << (17 - depth) do total = total + nodes(tree(depth)) end
end

local words = {}
for i = 1, 300000 do
  local word = string.format("%x", (i * 2654435761) % 4294967296):rep(i % 5 + 1)
  words[word] = (words[word] or 0) + #word
end
local keys = {}
for word in pairs(words) do keys[#keys + 1] = word end
table.sort(keys)
local text = table.concat(keys, " ", 1, 20000)
local replaced, times = text:gsub("%d+", function(digits) return "<" .. digits .. ">" end)
print("trees:", nodes(kept) + total, #keys, #replaced, times)
