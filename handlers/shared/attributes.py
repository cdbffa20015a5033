"""Values to and from DynamoDB's attribute values.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
boto3 has such a pair, but importing it loads boto3's resource layer, which costs a cold start 6 %.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeAlias

Plain: TypeAlias = "str | bool | int | Decimal | list[Plain] | dict[str, Plain] | None"
Attribute = dict[str, Any]
Item = dict[str, Attribute]

MAX_ITEM_BYTES = 400 * 1024
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html"""

_CONTAINER_BYTES = 3
_ELEMENT_BYTES = 1


def to_item(values: Mapping[str, Plain]) -> Item:
    """An item of a table."""
    return {name: to_attribute(value) for name, value in values.items()}


def from_item(item: Mapping[str, Attribute]) -> dict[str, Plain]:
    """The values of an item."""
    return {name: from_attribute(attribute) for name, attribute in item.items()}


def to_attribute(value: Plain) -> Attribute:
    """One value, of those that JSON has."""
    match value:
        case str():
            return {"S": value}
        case bool():  # before numbers: a bool is an int
            return {"BOOL": value}
        case int() | Decimal():
            return {"N": str(value or 0)}  # zero has no sign there
        case None:
            return {"NULL": True}
        case list():
            return {"L": [to_attribute(element) for element in value]}
        case dict():
            return {"M": to_item(value)}


def from_attribute(attribute: Attribute) -> Plain:
    """One value. Numbers come back as decimals, which JSON writes digit by digit as they were stored."""
    [(kind, value)] = attribute.items()
    match kind:
        case "N":
            return Decimal(value)
        case "NULL":
            return None
        case "L":
            return [from_attribute(element) for element in value]
        case "M":
            return from_item(value)
        case _:
            plain: Plain = value
            return plain


def size(item: Item) -> int:
    """The bytes that an item takes, as DynamoDB counts them.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + _attribute_size(attribute) for name, attribute in item.items())


def _attribute_size(attribute: Attribute) -> int:
    [(kind, value)] = attribute.items()
    match kind:
        case "S":
            return len(value.encode())
        case "N":
            return _number_size(value)
        case "L":
            return _CONTAINER_BYTES + sum(_ELEMENT_BYTES + _attribute_size(element) for element in value)
        case "M":
            return _CONTAINER_BYTES + _ELEMENT_BYTES * len(value) + size(value)
        case _:
            return 1


def _number_size(number: str) -> int:
    digits = sum(map(str.isdigit, number.partition("E")[0]))
    return (digits + 1) // 2 + 1 + number.startswith("-")
