"""Clients that send signed webhooks, each different, to 127.0.0.1:8080 until there is a file named stop.

load.py FOLDER PATH CLIENTS: FOLDER holds the secret, and takes the number of those answered; half of the clients make a
connection for each webhook, half keep theirs. One request is one attempt: nothing is retried, so that each failure
shows. A client exits when its connection is refused. Prints the outcomes.
"""
import collections
import hashlib
import hmac
import http.client
import json
import os
import sys
import threading

folder, path, clients = sys.argv[1], sys.argv[2], int(sys.argv[3])
secret = open(f"{folder}/secret").read().encode()
statuses, failures, lock = collections.Counter(), [], threading.Lock()

def send(connection, number):
    body = json.dumps({"webhookEvent": "user_updated", "number": number}).encode()
    digest = hmac.new(secret, body, hashlib.sha256).hexdigest()
    connection.request("POST", path, body, {
        "X-Hub-Signature": "sha256=" + digest, "Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    return answer

def client(place):
    connection, number = None, place
    while not os.path.exists(f"{folder}/stop"):
        number += clients
        if connection is None or place % 2:
            connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=60)
        try:
            answer = send(connection, number)
        except Exception as error:
            with lock: failures.append(f"{type(error).__name__}: {error}")
            connection = None
            if isinstance(error, ConnectionRefusedError): return
            continue
        if answer.will_close: connection = None
        with lock:
            statuses[str(answer.status)] += 1
            count = sum(statuses.values())
            if count % 10 == 0:
                with open(f"{folder}/answered.new", "w") as file: file.write(str(count))
                os.rename(f"{folder}/answered.new", f"{folder}/answered")

with open(f"{folder}/answered", "w") as file:
    file.write("0")
threads = [threading.Thread(target=client, args=(place,)) for place in range(clients)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps({"statuses": statuses, "failures": failures}))
