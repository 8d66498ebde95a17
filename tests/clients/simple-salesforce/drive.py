"""simple-salesforce against the emulator, driven over pipes.

Prints {"asks": [...]}, then for every line of input, the number of a step, one line
{"number": ..., "answer": ...} or {"number": ..., "problem": ...}.
"""

import csv
import io
import json
import os
import sys
import traceback

from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

HTTPS_URL = os.environ["EMULATOR_HTTPS_URL"]
PROXIES = {"https": os.environ["EMULATOR_PROXY_URL"]}
CONTACTS = int(os.environ["EMULATOR_CONTACTS"])
TOKEN = os.environ["EMULATOR_TOKEN"]
POLL_SECONDS = 0.2

sf = Salesforce(instance_url=HTTPS_URL, session_id=TOKEN, version="66.0")
STEPS = []


def step(ask):
    def register(run):
        STEPS.append((ask, run))
        return run

    return register


def expect(actual, expected):
    if actual != expected:
        raise AssertionError(f"expected {expected!r}, got {actual!r}")


def raised(kind, call):
    try:
        call()
    except kind as error:
        return error.content
    raise AssertionError(f"{kind.__name__} was not raised")


@step("login by token: limits() through https")
def token_login():
    used = sf.limits()["DailyApiRequests"]
    usage = sf.api_usage["api-usage"]
    expect(usage.used, used["Max"] - used["Remaining"])
    return f"{usage.used} of {usage.total} calls used, the same in header and body"


@step("login by client credentials at https://backfeed.my.salesforce.com")
def client_credentials():
    org = Salesforce(consumer_key="client", consumer_secret="secret", domain="backfeed.my", proxies=PROXIES)
    expect(org.sf_instance, "backfeed.my.salesforce.com")
    return f"{len(org.limits())} limits read with the token of that host"


@step("describe(), Account.describe()")
def describe():
    names = [one["name"] for one in sf.describe()["sobjects"]]
    fields = {one["name"]: one for one in sf.Account.describe()["fields"]}
    expect(fields["Customer_Id__c"]["externalId"], True)
    return f"{len(names)} objects, {len(fields)} fields of Account"


@step("Account.create, get, update")
def create():
    made = sf.Account.create({"Name": "One", "Customer_Id__c": "S/1?#%"})
    expect(made["success"], True)
    expect(sf.Account.update(made["id"], {"LTV__c": 12.5}), 204)
    expect(sf.Account.get(made["id"])["LTV__c"], 12.5)
    return "201, 204, the value is there"


@step("Account.get_by_custom_id with / ? # % in the key")
def get_by_key():
    expect(sf.Account.get_by_custom_id("Customer_Id__c", "S/1?#%")["Name"], "One")
    raised(SalesforceResourceNotFound, lambda: sf.Account.get_by_custom_id("Customer_Id__c", "nobody"))
    return "found; another key is not"


@step("Account.upsert of a new and a known key")
def upsert():
    expect(sf.Account.upsert("Customer_Id__c/S-2", {"Name": "Two"}), 201)
    expect(sf.Account.upsert("Customer_Id__c/S-2", {"Name": "Two again"}), 200)
    return "201, then 200"


@step("Account.create without its required field, with a key in use")
def refused():
    required = raised(SalesforceMalformedRequest, lambda: sf.Account.create({"LTV__c": 1}))
    taken = raised(SalesforceMalformedRequest, lambda: sf.Account.create({"Name": "X", "Customer_Id__c": "S-2"}))
    codes = [one[0]["errorCode"] for one in (required, taken)]
    expect(codes, ["REQUIRED_FIELD_MISSING", "DUPLICATE_VALUE"])
    return ", ".join(codes)


@step(f"query, query_more, query_all over {CONTACTS} rows")
def query():
    first = sf.query("SELECT Id, LastName FROM Contact")
    second = sf.query_more(first["nextRecordsUrl"], True)
    everything = sf.query_all("SELECT Id, LastName FROM Contact")
    expect([len(one["records"]) for one in (first, second, everything)], [2000, 2000, CONTACTS])
    return "2000, 2000, all"


@step("Account.delete, query_all(include_deleted)")
def delete():
    soql = "SELECT Id FROM Account WHERE Name = 'Two again'"
    id = sf.query(soql)["records"][0]["Id"]
    expect(sf.Account.delete(id), 204)
    seen = [sf.query_all(soql)["totalSize"], sf.query_all(soql, include_deleted=True)["totalSize"]]
    expect(seen, [0, 1])
    return "204; 0 live, 1 with the deleted"


@step("bulk2.Account.upsert with a new, a known and a bad row; get_all_ingest_records")
def bulk_upsert():
    sf.Account.create({"Name": "Known", "Customer_Id__c": "S-4"})
    rows = [
        {"Customer_Id__c": "S-3", "Name": 'New, with "quotes"', "Usage_Segment__c": "core"},
        {"Customer_Id__c": "S-4", "Name": "Known", "Usage_Segment__c": "light"},
        {"Customer_Id__c": "S-5", "Name": "Bad", "Usage_Segment__c": "nonsense"},
    ]
    [job] = sf.bulk2.Account.upsert(records=rows, external_id_field="Customer_Id__c", wait=POLL_SECONDS)
    expect([job["numberRecordsProcessed"], job["numberRecordsFailed"]], [3, 1])
    results = sf.bulk2.Account.get_all_ingest_records(job["job_id"])
    written = sorted((row["Customer_Id__c"], row["sf__Created"]) for row in results["successfulRecords"])
    expect(written, [("S-3", "true"), ("S-4", "false")])
    [failed] = results["failedRecords"]
    expect([failed["Customer_Id__c"], results["unprocessedRecords"]], ["S-5", []])
    stored = sf.Account.get_by_custom_id("Customer_Id__c", "S-3")
    expect(stored["Name"], rows[0]["Name"])
    return f"3 processed, 1 failed: {failed['sf__Error'].split(':')[0]}"


@step("bulk2.Contact.query in pages of 2,000")
def bulk_query():
    pages = list(sf.bulk2.Contact.query("SELECT Id, LastName FROM Contact", max_records=2000, wait=POLL_SECONDS))
    sizes = [len(list(csv.DictReader(io.StringIO(page)))) for page in pages]
    expect(sizes, [2000, 2000, CONTACTS - 4000])
    return f"{len(pages)} pages, each with its header row: {sizes}"


@step("bulk2.Account.delete")
def bulk_delete():
    rows = [{"Id": row["Id"]} for row in sf.query_all("SELECT Id FROM Account")["records"]]
    [job] = sf.bulk2.Account.delete(records=rows, wait=POLL_SECONDS)
    expect([job["numberRecordsProcessed"], job["numberRecordsFailed"]], [len(rows), 0])
    expect(sf.query("SELECT COUNT() FROM Account")["totalSize"], 0)
    return f"{len(rows)} deleted, none left"


@step("limits() without a token that the org knows")
def expired():
    stranger = Salesforce(instance_url=HTTPS_URL, session_id="", version="66.0")
    [problem] = raised(SalesforceExpiredSession, stranger.limits)
    expect(problem["errorCode"], "INVALID_SESSION_ID")
    return "401 INVALID_SESSION_ID"


def answer(number):
    try:
        return {"number": number, "answer": STEPS[number][1]()}
    except Exception as error:  # every kind of failure is a failed step
        where = traceback.extract_tb(error.__traceback__)[-1]
        return {"number": number, "problem": f"{type(error).__name__}: {error} ({os.path.basename(where.filename)}:{where.lineno})"}


print(json.dumps({"asks": [ask for ask, _ in STEPS]}), flush=True)
for line in sys.stdin:
    print(json.dumps(answer(int(line))), flush=True)
