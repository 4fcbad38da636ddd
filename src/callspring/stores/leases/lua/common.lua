-- Put before each operation. One pool's keys have one hash tag:
--   meta     epoch (who began it), print (of the published numbers), count (of events)
--   numbers  the pool's numbers; free: those that nobody holds, by since when, with next-in-line by their turn
--   leases   visitor -> lease, live or ended while nobody has taken the number since
--   holders  number -> {turn, visitors of these leases ...}; turn: the event of its last hand-out, 0 if there was none
--   ends     visitor -> when the hold may be over (live leases)
--   events   what happened, for the local views of the doors
-- A lease: {number, active_at, hold, confirmed, live, visit, source, device, start, left (-1: not)}
local META, NUMBERS, FREE, LEASES, HOLDERS, ENDS, EVENTS = unpack(KEYS)
local NUMBER, ACTIVE, HOLD, CONFIRMED, LIVE, VISIT, SOURCE, DEVICE, START, LEFT = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
local UNCONFIRMED = 15
local KEEP_EVENTS = 500
local KEEP_SECONDS = 691200
local in_line = false  -- is a number chosen by its turn? `follow` says so

-- The print says the policy too: with next-in-line it begins so.
local function follow(print)
  in_line = print and string.sub(print, 1, 5) == 'line ' or false
end

local function lease_of(visitor)
  local packed = redis.call('HGET', LEASES, visitor)
  return packed and cmsgpack.unpack(packed) or nil
end

local function put(visitor, lease)
  redis.call('HSET', LEASES, visitor, cmsgpack.pack(lease))
end

local function ends(lease)
  return lease[ACTIVE] + (lease[CONFIRMED] == 1 and lease[HOLD] or UNCONFIRMED)
end

local function holders_of(number)
  local packed = redis.call('HGET', HOLDERS, number)
  local holders = packed and cmsgpack.unpack(packed) or {0}
  if type(holders[1]) ~= 'number' then table.insert(holders, 1, 0) end  -- kept by a version without turns
  return holders
end

local function put_holders(number, holders)
  if #holders == 1 and holders[1] == 0 then
    redis.call('HDEL', HOLDERS, number)
  else
    redis.call('HSET', HOLDERS, number, cmsgpack.pack(holders))
  end
end

-- {{visitor, lease}, ...} and the number's turn
local function live_holders(number, besides)
  local found, holders = {}, holders_of(number)
  for at = 2, #holders do
    local visitor = holders[at]
    local lease = visitor ~= besides and lease_of(visitor)
    if lease and lease[LIVE] == 1 then found[#found + 1] = {visitor, lease} end
  end
  return found, holders[1]
end

local function in_pool(number)
  return redis.call('SISMEMBER', NUMBERS, number) == 1
end

local function free_unless_held(number, since)
  if not in_pool(number) then return end
  local live, turn = live_holders(number)
  if #live == 0 then redis.call('ZADD', FREE, in_line and turn or since, number) end
end

local function event(...)
  local count = redis.call('HINCRBY', META, 'count', 1)
  redis.call('XADD', EVENTS, 'MAXLEN', '~', KEEP_EVENTS, count .. '-0', 'e', cmsgpack.pack({...}))
  return count
end

-- Let every hold end whose time has come; each costs a logarithm, once.
local function end_holds(now)
  while true do
    local due = redis.call('ZRANGEBYSCORE', ENDS, '-inf', now, 'LIMIT', 0, 50)
    for _, visitor in ipairs(due) do
      local lease = lease_of(visitor)
      if lease and ends(lease) > now then
        redis.call('ZADD', ENDS, ends(lease), visitor)
      else
        redis.call('ZREM', ENDS, visitor)
        if lease then
          lease[LIVE] = 0
          put(visitor, lease)
          free_unless_held(lease[NUMBER], ends(lease))
        end
      end
    end
    if #due < 50 then return end
  end
end

-- The visitor has nothing to do with their number any more.
local function forget(visitor, lease, now)
  local others = {}
  for _, other in ipairs(holders_of(lease[NUMBER])) do  -- and the turn, which is no visitor
    if other ~= visitor then others[#others + 1] = other end
  end
  put_holders(lease[NUMBER], others)
  redis.call('HDEL', LEASES, visitor)
  redis.call('ZREM', ENDS, visitor)
  if lease[LIVE] == 1 then free_unless_held(lease[NUMBER], now) end
end

-- A pool that nobody is given a number of for so long is no more.
local function expire_keys()
  for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, KEEP_SECONDS) end
end
