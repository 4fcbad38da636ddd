"""The sandbox carrier's books: what it sells, and that it sells each number once."""

from __future__ import annotations

import multiprocessing
import stat
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from callspring.carriers.sandbox.inventory import (
    Account,
    BooksUnreadable,
    Inventory,
    NotForSale,
    NotOwned,
    NumberTaken,
    SoldNumber,
    UnknownAccount,
)

NUMBER = "+13125550142"
FALLBACK = "+18005550199"
VOICE_URL = "http://127.0.0.1:8001/voice/sandbox/1"


@pytest.fixture
def inventory(tmp_path: Path) -> Inventory:
    books = Inventory(tmp_path / "sandbox" / "exchange.json")
    books.open_account("acme", secret="s3cret", voice_url=VOICE_URL)
    books.open_account("other", secret="0ther", voice_url="http://127.0.0.1:8001/voice/sandbox/2")
    return books


def test_an_empty_house_has_no_accounts_and_sells_everything(tmp_path: Path) -> None:
    books = Inventory(tmp_path / "none" / "exchange.json")
    assert books.lookup(NUMBER) is None
    assert len(books.search()) == 20
    with pytest.raises(UnknownAccount):
        books.account("acme")
    assert not (tmp_path / "none").exists()


def test_search_is_in_order_and_always_the_same(inventory: Inventory) -> None:
    found = [number.e164 for number in inventory.search(area_code="312", limit=3)]
    assert found == ["+13125550100", "+13125550101", "+13125550102"]
    everything = [number.e164 for number in inventory.search(limit=10**9)]
    assert everything == sorted(set(everything))
    assert len(everything) == 1_000


def test_local_numbers_name_their_place(inventory: Inventory) -> None:
    (number,) = inventory.search(area_code="312", limit=1)
    assert (number.kind, number.locality, number.region, number.country) == ("local", "Chicago", "IL", "US")


def test_toll_free_numbers_have_no_place(inventory: Inventory) -> None:
    numbers = inventory.search(kind="toll_free", limit=1_000)
    assert len(numbers) == 400
    assert {number.e164[2:5] for number in numbers} == {"800", "888", "877", "866"}
    assert {(number.kind, number.locality, number.region) for number in numbers} == {("toll_free", "", "")}


def test_only_fictional_numbers_are_ever_offered(inventory: Inventory) -> None:
    for number in [*inventory.search(limit=1_000), *inventory.search(kind="toll_free", limit=1_000)]:
        assert number.e164[5:10] == "55501"
        assert len(number.e164) == 12


def test_digits_are_looked_for_anywhere_in_the_national_number(inventory: Inventory) -> None:
    found = inventory.search(contains="(312) 555-014", limit=100)
    assert [number.e164 for number in found] == [f"+1312555014{last}" for last in range(10)]


@pytest.mark.parametrize(
    "nothing",
    [{"country": "DE"}, {"area_code": "999"}, {"contains": "99999"}, {"limit": 0}, {"limit": -1}],
    ids=str,
)
def test_what_is_not_there_is_not_found(inventory: Inventory, nothing: dict[str, str]) -> None:
    assert inventory.search(**nothing) == []  # type: ignore[arg-type]


def test_a_bought_number_is_known_with_its_account_and_no_longer_offered(inventory: Inventory) -> None:
    sold = inventory.buy("acme", NUMBER, FALLBACK)
    assert sold == SoldNumber(NUMBER, Account("acme", "s3cret", VOICE_URL), FALLBACK)
    assert inventory.lookup(NUMBER) == sold
    assert NUMBER not in [number.e164 for number in inventory.search(area_code="312", limit=100)]


@pytest.mark.parametrize("account", ["acme", "other"])
def test_a_sold_number_is_not_sold_again(inventory: Inventory, account: str) -> None:
    inventory.buy("acme", NUMBER, FALLBACK)
    with pytest.raises(NumberTaken):
        inventory.buy(account, NUMBER, "+12125550100")
    sold = inventory.lookup(NUMBER)
    assert sold
    assert (sold.account.id, sold.fallback) == ("acme", FALLBACK)


@pytest.mark.parametrize("number", ["+13125551234", "+19995550100", "+4930123456", "3125550142", "", "+13125550142\n"])
def test_a_number_the_sandbox_never_had_is_not_for_sale(inventory: Inventory, number: str) -> None:
    with pytest.raises(NotForSale):
        inventory.buy("acme", number, FALLBACK)


def test_strangers_buy_nothing(inventory: Inventory) -> None:
    with pytest.raises(UnknownAccount):
        inventory.buy("stranger", NUMBER, FALLBACK)
    assert inventory.lookup(NUMBER) is None


def test_only_its_owner_gives_a_number_back(inventory: Inventory) -> None:
    inventory.buy("acme", NUMBER, FALLBACK)
    with pytest.raises(NotOwned):
        inventory.release("other", NUMBER)
    assert inventory.lookup(NUMBER)
    inventory.release("acme", NUMBER)
    assert inventory.lookup(NUMBER) is None
    with pytest.raises(NotOwned):
        inventory.release("acme", NUMBER)
    assert inventory.buy("other", NUMBER, FALLBACK).account.id == "other"


def test_an_account_opened_again_has_its_new_address_and_keeps_its_numbers(inventory: Inventory) -> None:
    inventory.buy("acme", NUMBER, FALLBACK)
    moved = inventory.open_account("acme", secret="new", voice_url="http://127.0.0.1:9001/voice/sandbox/1")
    sold = inventory.lookup(NUMBER)
    assert sold
    assert sold.account == moved == inventory.account("acme")


def test_another_instance_reads_the_same_books(inventory: Inventory, tmp_path: Path) -> None:
    inventory.buy("acme", NUMBER, FALLBACK)
    assert Inventory(tmp_path / "sandbox" / "exchange.json").lookup(NUMBER) == inventory.lookup(NUMBER)


def test_the_books_are_for_their_owners_eyes(inventory: Inventory, tmp_path: Path) -> None:
    inventory.buy("acme", NUMBER, FALLBACK)
    assert stat.S_IMODE((tmp_path / "sandbox" / "exchange.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"numbers": {"+1": 3}}', b"\xff"])
def test_spoilt_books_are_reported_and_left_alone(inventory: Inventory, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "sandbox" / "exchange.json"
    file.write_bytes(content)
    with pytest.raises(BooksUnreadable, match=r"exchange\.json"):
        inventory.lookup(NUMBER)
    with pytest.raises(BooksUnreadable):
        inventory.buy("acme", NUMBER, FALLBACK)
    assert file.read_bytes() == content


def test_a_change_that_fails_changes_nothing(inventory: Inventory, tmp_path: Path) -> None:
    file = tmp_path / "sandbox" / "exchange.json"
    before = file.read_bytes()
    with pytest.raises(NotOwned):
        inventory.release("acme", NUMBER)
    assert file.read_bytes() == before


def buy_all(books: Path, account: str, together: Barrier, bought: multiprocessing.Queue[tuple[str, str]]) -> None:
    """One buyer: wants the same twenty numbers as the other, from the same moment on."""
    inventory = Inventory(books)
    together.wait(30)
    for line in range(100, 120):
        try:
            bought.put((inventory.buy(account, f"+13125550{line}", FALLBACK).e164, account))
        except NumberTaken:
            continue


def test_two_processes_that_buy_the_same_numbers_get_each_once(inventory: Inventory, tmp_path: Path) -> None:
    books = tmp_path / "sandbox" / "exchange.json"
    spawn = multiprocessing.get_context("spawn")
    together, bought = spawn.Barrier(2), spawn.Queue()
    buyers = [spawn.Process(target=buy_all, args=(books, account, together, bought)) for account in ("acme", "other")]
    for buyer in buyers:
        buyer.start()
    sales = [bought.get(timeout=60) for _ in range(20)]
    for buyer in buyers:
        buyer.join(60)
    assert [buyer.exitcode for buyer in buyers] == [0, 0]
    assert bought.empty()
    assert len(dict(sales)) == 20
    for number, account in sales:
        sold = inventory.lookup(number)
        assert sold
        assert sold.account.id == account
