-- now, print, epoch, numbers, {visitor, lease, ...}: say the pool's numbers, and put back leases that the server has lost
local now = tonumber(ARGV[1])
redis.call('HSETNX', META, 'epoch', ARGV[3])
end_holds(now)
if redis.call('HGET', META, 'print') ~= ARGV[2] then
  local wanted = {}
  for number in string.gmatch(ARGV[4], '%d+') do wanted[number] = true end
  for _, number in ipairs(redis.call('SMEMBERS', NUMBERS)) do
    if not wanted[number] then
      redis.call('SREM', NUMBERS, number)
      redis.call('ZREM', FREE, number)
    end
  end
  local place = 0
  for number in string.gmatch(ARGV[4], '%d+') do
    if redis.call('SADD', NUMBERS, number) == 1 then
      place = place + 1
      free_unless_held(tonumber(number), place)
    end
  end
  redis.call('HSET', META, 'print', ARGV[2])
end

local lost, given = cmsgpack.unpack(ARGV[5]), {}
for at = 1, #lost, 2 do
  local visitor, lease = lost[at], lost[at + 1]
  local number, known = lease[NUMBER], lease_of(visitor)
  local is_free = redis.call('ZSCORE', FREE, number) or given[number]
  local is_newer = known and known[NUMBER] == number and ends(lease) > ends(known)
  if is_newer or (is_free and not known) then
    given[number] = true
    if not known then
      local holders = holders_of(number)
      holders[#holders + 1] = visitor
      put_holders(number, holders)
    end
    lease[LIVE] = ends(lease) > now and 1 or 0
    put(visitor, lease)
    if lease[LIVE] == 1 then
      redis.call('ZREM', FREE, number)
      redis.call('ZADD', ENDS, ends(lease), visitor)
    end
  end
end
expire_keys()
if next(given) then  -- events say nothing of it: whoever follows them must look at everything once
  redis.call('DEL', EVENTS)
  redis.call('HINCRBY', META, 'count', 1)
end
return redis.call('HGET', META, 'epoch')
