-- number, now -> visitors
local found = {}
for _, holder in ipairs(live_holders(tonumber(ARGV[1]))) do
  if ends(holder[2]) > tonumber(ARGV[2]) then found[#found + 1] = holder[1] end
end
return found
