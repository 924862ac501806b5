-- For wrk: requests of which none is like another, neither in its path nor in its fields.
local count = 0

request = function()
  count = count + 1
  return wrk.format("GET", "/vary/" .. count, { Cookie = "visit=" .. count })
end
