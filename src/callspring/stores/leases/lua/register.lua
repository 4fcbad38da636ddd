-- now, print, epoch, numbers, {visitor, lease, ...}, {number, turn, ...}: say the pool's numbers, and put back what the
-- server has lost: leases, and turns of numbers that it has handed to nobody
local now = tonumber(ARGV[1])
local former = redis.call('HGET', META, 'print')
follow(former)
if redis.call('HSETNX', META, 'epoch', ARGV[3]) == 1 then
  -- Turns are counts of events: what is handed out from now on comes after all that an earlier server counted.
  redis.call('HSET', META, 'count', math.floor(now * 1000))
end
end_holds(now)

local was_in_line, numbers = in_line, {}
for number in string.gmatch(ARGV[4], '%d+') do numbers[#numbers + 1] = number end
if former ~= ARGV[2] then
  follow(ARGV[2])
  local wanted = {}
  for _, number in ipairs(numbers) do wanted[number] = true end
  for _, number in ipairs(redis.call('SMEMBERS', NUMBERS)) do
    if not wanted[number] then
      redis.call('SREM', NUMBERS, number)
      redis.call('ZREM', FREE, number)
    end
  end
  local place = 0
  for _, number in ipairs(numbers) do
    if redis.call('SADD', NUMBERS, number) == 1 then
      place = place + 1
      free_unless_held(number, place)
    end
  end
  redis.call('HSET', META, 'print', ARGV[2])
end

local lost, given = cmsgpack.unpack(ARGV[5]), {}
local turns, told = cmsgpack.unpack(ARGV[6]), {}
for at = 1, #turns, 2 do told[turns[at]] = turns[at + 1] end
for at = 1, #lost, 2 do
  local visitor, lease = lost[at], lost[at + 1]
  local number, known = lease[NUMBER], lease_of(visitor)
  local is_free = redis.call('ZSCORE', FREE, number) or given[number]
  local is_newer = known and known[NUMBER] == number and ends(lease) > ends(known)
  if is_newer or (is_free and not known) then
    given[number] = true
    if not known then
      local holders = holders_of(number)
      holders[1] = math.max(holders[1], told[number] or 0)
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

local latest = tonumber(redis.call('HGET', META, 'count') or '0')
for number, turn in pairs(told) do
  latest = math.max(latest, turn)
  local holders = not given[number] and holders_of(number)
  if holders and holders[1] == 0 then
    holders[1] = turn
    put_holders(number, holders)
  end
end
redis.call('HSET', META, 'count', latest)

-- Free numbers stand by their turn, those that were never handed out before all others as the pool names them; or,
-- where that is no longer so, by when the last hold was over.
local function stand(place, number)
  local holders = holders_of(number)
  if in_line then return holders[1] > 0 and holders[1] or place - #numbers - 1 end
  local since = 0
  for at = 2, #holders do
    local lease = lease_of(holders[at])
    since = math.max(since, lease and ends(lease) or 0)
  end
  return since
end
if in_line or was_in_line then
  for place, number in ipairs(numbers) do
    if redis.call('ZSCORE', FREE, number) then redis.call('ZADD', FREE, stand(place, number), number) end
  end
end

expire_keys()
if next(given) then  -- events say nothing of it: whoever follows them must look at everything once
  redis.call('DEL', EVENTS)
  redis.call('HINCRBY', META, 'count', 1)
end
return redis.call('HGET', META, 'epoch')
