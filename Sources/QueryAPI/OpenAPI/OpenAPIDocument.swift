/// The OpenAPI 3.1 description of this API, compiled in so that the binary needs no files beside it.
enum OpenAPIDocument {
    static let json = #"""
        {
          "openapi": "3.1.0",
          "info": {
            "title": "consilod", "version": "1",
            "description": "Delivery risk of Jira issues. A list is a bare array; Link (rel=next) names its next page."
          },
          "paths": {
            "/": {
              "get": {
                "summary": "Name and version",
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {
                      "application/json": {
                        "schema": {
                          "type": "object",
                          "properties": {
                            "name": {"type": "string"}, "version": {"type": "string"}, "status": {"type": "string"},
                            "docs": {"type": "string"}
                          },
                          "required": ["name", "version", "status", "docs"]
                        }
                      }
                    }
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": []
              }
            },
            "/webhooks/jira/{tenant-id}": {
              "post": {
                "summary": "The door for Jira: one signed webhook, answered after it is on disk",
                "parameters": [
                  {"name": "tenant-id", "in": "path", "required": true, "schema": {"type": "string", "format": "uuid"}},
                  {
                    "name": "X-Hub-Signature", "in": "header", "required": true, "schema": {"type": "string"},
                    "description": "sha256= and the hex HMAC-SHA256 of the raw body under the tenant's webhook secret."
                  },
                  {
                    "name": "X-Atlassian-Webhook-Identifier", "in": "header", "schema": {"type": "string"},
                    "description": "The delivery: the same one again has no effect."
                  }
                ],
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"}}}},
                "responses": {
                  "202": {
                    "description": "Kept, now or before.",
                    "content": {
                      "application/json": {
                        "schema": {
                          "type": "object", "properties": {"status": {"enum": ["stored", "duplicate"]}},
                          "required": ["status"]
                        }
                      }
                    }
                  },
                  "400": {
                    "description": "Signed, but not JSON in UTF-8 (malformed_json); or not HTTP (malformed_http).",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "401": {
                    "description": "X-Hub-Signature does not sign this body (invalid_signature).",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "404": {
                    "description": "There is no such tenant (tenant_not_found).",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "408": {
                    "description": "The body did not come in time (request_timeout); Jira sends it again.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "413": {
                    "description": "The body is larger than this host takes (body_too_large).",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "415": {
                    "description": "No JSON by its content type (not_json), or encoded (unsupported_encoding).",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "429": {
                    "description": "More than this tenant may send (rate_limited); Jira sends it again (Retry-After).",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "431": {
                    "description": "The request's head is too large (header_too_large).",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "503": {
                    "description": "Too much in hand (overloaded), or no commit (unavailable); Jira sends it again.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": []
              }
            },
            "/health": {
              "get": {
                "summary": "How the daemon and each of its parts is",
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}}
                  },
                  "503": {
                    "description": "Requests cannot be answered.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": []
              }
            },
            "/ready": {
              "get": {
                "summary": "Whether requests can be answered",
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}}
                  },
                  "503": {
                    "description": "Requests cannot be answered.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": []
              }
            },
            "/metrics": {
              "get": {
                "summary": "Metrics over all tenants, for Prometheus",
                "description": "With the metrics token or the admin token; open to everybody where metrics.public is true.",
                "responses": {
                  "200": {
                    "description": "Prometheus' text format 0.0.4.",
                    "content": {"text/plain": {"schema": {"type": "string"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"metrics": []}, {"admin": []}]
              }
            },
            "/openapi.json": {
              "get": {
                "summary": "This document",
                "responses": {"200": {"description": "Done.", "content": {"application/json": {}}}},
                "security": []
              }
            },
            "/docs": {
              "get": {
                "summary": "The endpoints as a page",
                "responses": {"200": {"description": "Done.", "content": {"text/html": {}}}},
                "security": []
              }
            },
            "/api/tenants": {
              "get": {
                "summary": "All tenants",
                "parameters": [{"$ref": "#/components/parameters/limit"}, {"$ref": "#/components/parameters/cursor"}],
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {
                      "application/json": {
                        "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Tenant"}}
                      }
                    },
                    "headers": {"Link": {"$ref": "#/components/headers/Link"}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"admin": []}]
              },
              "post": {
                "summary": "Create a tenant; its secrets are shown only in this answer",
                "requestBody": {
                  "required": true,
                  "content": {
                    "application/json": {
                      "schema": {
                        "allOf": [{"$ref": "#/components/schemas/TenantFields"}],
                        "required": ["company_name", "jira_url", "jira_email", "jira_token"]
                      }
                    }
                  }
                },
                "responses": {
                  "201": {
                    "description": "Created.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/CreatedTenant"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"admin": []}]
              }
            },
            "/api/tenants/{id}": {
              "get": {
                "summary": "A tenant",
                "parameters": [{"$ref": "#/components/parameters/tenant-id"}],
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tenant"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              },
              "put": {
                "summary": "Change a tenant; a new jira_url needs the jira_token too",
                "parameters": [{"$ref": "#/components/parameters/tenant-id"}],
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/TenantFields"}}}
                },
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tenant"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              },
              "delete": {
                "summary": "Delete a tenant and everything of it",
                "parameters": [{"$ref": "#/components/parameters/tenant-id"}],
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/tenants/{id}/usage": {
              "get": {
                "summary": "This month's analyses and what is left",
                "parameters": [{"$ref": "#/components/parameters/tenant-id"}],
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Usage"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/tenants/{id}/api-key": {
              "post": {
                "summary": "Replace the API key; the new one is shown only in this answer",
                "parameters": [{"$ref": "#/components/parameters/tenant-id"}],
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/APIKey"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/tenants/{id}/webhook-secrets": {
              "get": {
                "summary": "The active webhook secrets, without the secrets",
                "parameters": [{"$ref": "#/components/parameters/tenant-id"}],
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {
                      "application/json": {
                        "schema": {"type": "array", "items": {"$ref": "#/components/schemas/WebhookSecret"}}
                      }
                    }
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              },
              "post": {
                "summary": "Add a webhook secret, given or made",
                "parameters": [{"$ref": "#/components/parameters/tenant-id"}],
                "requestBody": {
                  "required": false,
                  "content": {
                    "application/json": {
                      "schema": {
                        "type": "object",
                        "properties": {"secret": {"type": "string", "minLength": 16, "maxLength": 1024}}
                      }
                    }
                  }
                },
                "responses": {
                  "201": {
                    "description": "Created.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/WebhookSecret"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/tenants/{id}/webhook-secrets/{secret-id}": {
              "delete": {
                "summary": "Remove a webhook secret",
                "parameters": [
                  {"$ref": "#/components/parameters/tenant-id"}, {"$ref": "#/components/parameters/secret-id"}
                ],
                "responses": {
                  "204": {"description": "Deleted."}, "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/tenants/{id}/jira": {
              "get": {
                "summary": "How access to Jira stands, and what webhooks missed",
                "parameters": [{"$ref": "#/components/parameters/tenant-id"}],
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/JiraAccess"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/tenants/{id}/jira/sweep": {
              "post": {
                "summary": "Ask Jira now what webhooks missed, also after it refused the account",
                "parameters": [{"$ref": "#/components/parameters/tenant-id"}],
                "requestBody": {
                  "required": false,
                  "content": {
                    "application/json": {
                      "schema": {
                        "type": "object", "properties": {"full": {"type": "boolean", "default": false}},
                        "description": "full: look at all issues there are, so that deleted ones are noticed."
                      }
                    }
                  }
                },
                "responses": {
                  "202": {
                    "description": "Taken on.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/JiraAccess"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/tenants/{id}/jira/webhooks": {
              "get": {
                "summary": "The webhooks of the Jira site, and what is wrong with those that are meant for this tenant",
                "parameters": [{"$ref": "#/components/parameters/tenant-id"}],
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/WebhookOverview"}}}
                  },
                  "403": {
                    "description": "The account does not administer the site (jira_permission_missing); its other calls go on.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "409": {
                    "description": "No http.public_url (public_url_missing), Jira is not asked (jira_disabled), or overtaken (conflict).",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "502": {
                    "description": "Jira does not accept the account (jira_credentials_refused).",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "503": {
                    "description": "Jira cannot be asked now (jira_unreachable).",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              },
              "post": {
                "summary": "Register the webhook, or mend the one that is there",
                "parameters": [{"$ref": "#/components/parameters/tenant-id"}],
                "requestBody": {
                  "required": false,
                  "content": {
                    "application/json": {
                      "schema": {
                        "type": "object", "properties": {"jql_filter": {"type": "string", "maxLength": 4000}},
                        "description": "jql_filter: which issues Jira tells of; empty for all, left out to keep what is set."
                      }
                    }
                  }
                },
                "responses": {
                  "200": {
                    "description": "One that was there is set anew.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/WebhookRegistration"}}}
                  },
                  "201": {
                    "description": "One is made.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/WebhookRegistration"}}}
                  },
                  "403": {
                    "description": "The account does not administer the site (jira_permission_missing); its other calls go on.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "409": {
                    "description": "No http.public_url (public_url_missing), Jira is not asked (jira_disabled), or overtaken (conflict).",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "422": {
                    "description": "A field is invalid, or Jira refuses the filter (jira_request_refused).",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "502": {
                    "description": "Jira does not accept the account (jira_credentials_refused).",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "503": {
                    "description": "Jira cannot be asked now (jira_unreachable).",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/tenants/{id}/jira/webhooks/rotate-secret": {
              "post": {
                "summary": "Have Jira sign with a new secret; those before end after a grace",
                "parameters": [{"$ref": "#/components/parameters/tenant-id"}],
                "requestBody": {
                  "required": false,
                  "content": {
                    "application/json": {
                      "schema": {
                        "type": "object", "properties": {"grace_minutes": {"type": "integer", "minimum": 0, "maximum": 10080, "default": 90}},
                        "description": "grace_minutes: how long the secrets before still verify what Jira sends again."
                      }
                    }
                  }
                },
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/WebhookSecretRotation"}}}
                  },
                  "403": {
                    "description": "The account does not administer the site (jira_permission_missing); its other calls go on.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "404": {
                    "description": "Jira has no webhook for this tenant (webhook_not_found).",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "409": {
                    "description": "No http.public_url (public_url_missing), Jira is not asked (jira_disabled), or overtaken (conflict).",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "502": {
                    "description": "Jira does not accept the account (jira_credentials_refused).",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "503": {
                    "description": "Jira cannot be asked now (jira_unreachable).",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/tenants/{id}/jira/webhooks/test": {
              "post": {
                "summary": "Send a signed webhook through the public address and look whether it arrives",
                "parameters": [{"$ref": "#/components/parameters/tenant-id"}],
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/WebhookTest"}}}
                  },
                  "409": {
                    "description": "http.public_url is not set (public_url_missing).",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/tenants/{id}/doctor": {
              "get": {
                "summary": "Whether the tenant's Jira, webhook and channels work, and what to do",
                "parameters": [{"$ref": "#/components/parameters/tenant-id"}],
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Diagnosis"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/doctor": {
              "get": {
                "summary": "Whether this host can do its work, and what to do",
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Diagnosis"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"admin": []}]
              }
            },
            "/api/tenants/{id}/backfills": {
              "get": {
                "summary": "The newest 50 backfills, newest first",
                "parameters": [{"$ref": "#/components/parameters/tenant-id"}],
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Backfill"}}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              },
              "post": {
                "summary": "Fetch a project, or what a JQL query finds, from Jira",
                "parameters": [{"$ref": "#/components/parameters/tenant-id"}],
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/BackfillRequest"}}}},
                "responses": {
                  "202": {
                    "description": "Taken on.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Backfill"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/tenants/{id}/backfills/{backfill-id}": {
              "get": {
                "summary": "A backfill and how far it is",
                "parameters": [{"$ref": "#/components/parameters/tenant-id"}, {"$ref": "#/components/parameters/backfill-id"}],
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Backfill"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/analyze/issue": {
              "post": {
                "summary": "Analyse an issue now and write a report; counts against the plan",
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AnalyzeRequest"}}}
                },
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Report"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/analyze/sprint": {
              "post": {
                "summary": "Roll up a sprint's open issues and tell its scope; counts against the plan",
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SprintRequest"}}}
                },
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SprintAnalysis"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/analyze/portfolio": {
              "post": {
                "summary": "Roll up named sets of issues, and all of them together; counts against the plan",
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PortfolioRequest"}}}
                },
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PortfolioAnalysis"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/analyze/issue/{key}/raw": {
              "get": {
                "summary": "The whole analysis with its evidence; not counted, not stored",
                "parameters": [{"$ref": "#/components/parameters/key"}],
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RawAnalysis"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/analyze/history/{key}": {
              "get": {
                "summary": "Earlier analyses, newest first",
                "parameters": [
                  {"$ref": "#/components/parameters/key"},
                  {
                    "name": "limit", "in": "query",
                    "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": 30},
                    "description": "Items on a page."
                  },
                  {"$ref": "#/components/parameters/cursor"}
                ],
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {
                      "application/json": {
                        "schema": {"type": "array", "items": {"$ref": "#/components/schemas/HistoryEntry"}}
                      }
                    },
                    "headers": {"Link": {"$ref": "#/components/headers/Link"}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/analyze/trends/{key}": {
              "get": {
                "summary": "The course of the score over at most 1000 analyses",
                "parameters": [{"$ref": "#/components/parameters/key"}],
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Trends"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/issues": {
              "get": {
                "summary": "Issues, riskiest first",
                "parameters": [
                  {
                    "name": "project", "in": "query", "schema": {"type": "string"},
                    "description": "Only this project."
                  },
                  {
                    "name": "min_score", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 100},
                    "description": "Only from this score up."
                  },
                  {
                    "name": "include_done", "in": "query", "schema": {"type": "boolean", "default": false},
                    "description": "Finished issues too."
                  },
                  {"$ref": "#/components/parameters/limit"}, {"$ref": "#/components/parameters/cursor"}
                ],
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {
                      "application/json": {
                        "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Issue"}}
                      }
                    },
                    "headers": {"Link": {"$ref": "#/components/headers/Link"}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/issues/parked": {
              "get": {
                "summary": "Issues set aside after repeated failures to score them, newest first",
                "parameters": [
                  {"$ref": "#/components/parameters/limit"}, {"$ref": "#/components/parameters/cursor"}
                ],
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {
                      "application/json": {
                        "schema": {"type": "array", "items": {"$ref": "#/components/schemas/ParkedIssue"}}
                      }
                    },
                    "headers": {"Link": {"$ref": "#/components/headers/Link"}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/issues/parked/{id}/retry": {
              "post": {
                "summary": "Try a parked issue again",
                "parameters": [
                  {
                    "name": "id", "in": "path", "schema": {"type": "string"},
                    "description": "Jira's id of the issue.", "required": true
                  }
                ],
                "responses": {
                  "202": {
                    "description": "Accepted.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/alerts": {
              "get": {
                "summary": "Alerts and their deliveries, newest first",
                "parameters": [
                  {
                    "name": "state", "in": "query",
                    "schema": {"type": "string", "enum": ["queued", "delivered", "dead"]},
                    "description": "Only with a delivery in this state."
                  },
                  {
                    "name": "issue", "in": "query", "schema": {"type": "string"}, "description": "Only of this issue."
                  },
                  {"$ref": "#/components/parameters/limit"}, {"$ref": "#/components/parameters/cursor"}
                ],
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {
                      "application/json": {
                        "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Alert"}}
                      }
                    },
                    "headers": {"Link": {"$ref": "#/components/headers/Link"}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/alerts/deliveries/{id}/retry": {
              "post": {
                "summary": "Queue a dead delivery again", "parameters": [{"$ref": "#/components/parameters/id"}],
                "responses": {
                  "202": {
                    "description": "Accepted.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/alert-rules": {
              "get": {
                "summary": "Alert rules",
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {
                      "application/json": {
                        "schema": {"type": "array", "items": {"$ref": "#/components/schemas/AlertRule"}}
                      }
                    }
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              },
              "post": {
                "summary": "Add an alert rule",
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AlertRuleFields"}}}
                },
                "responses": {
                  "201": {
                    "description": "Created.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AlertRule"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/alert-rules/{id}": {
              "put": {
                "summary": "Replace an alert rule", "parameters": [{"$ref": "#/components/parameters/id"}],
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AlertRuleFields"}}}
                },
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AlertRule"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              },
              "delete": {
                "summary": "Delete an alert rule", "parameters": [{"$ref": "#/components/parameters/id"}],
                "responses": {
                  "204": {"description": "Deleted."}, "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/alert-channels": {
              "get": {
                "summary": "Alert channels",
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {
                      "application/json": {
                        "schema": {"type": "array", "items": {"$ref": "#/components/schemas/AlertChannel"}}
                      }
                    }
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              },
              "post": {
                "summary": "Add an alert channel",
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AlertChannelFields"}}}
                },
                "responses": {
                  "201": {
                    "description": "Created.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AlertChannel"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/alert-channels/{id}": {
              "put": {
                "summary": "Replace an alert channel; without target the old one stays",
                "parameters": [{"$ref": "#/components/parameters/id"}],
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AlertChannelFields"}}}
                },
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AlertChannel"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              },
              "delete": {
                "summary": "Delete an alert channel", "parameters": [{"$ref": "#/components/parameters/id"}],
                "responses": {
                  "204": {"description": "Deleted."}, "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/webhook-events": {
              "get": {
                "summary": "Webhooks that came in, newest first",
                "parameters": [
                  {
                    "name": "state", "in": "query",
                    "schema": {"type": "string", "enum": ["pending", "applied", "ignored", "rejected"]},
                    "description": "Only in this state."
                  },
                  {"$ref": "#/components/parameters/limit"}, {"$ref": "#/components/parameters/cursor"}
                ],
                "responses": {
                  "200": {
                    "description": "Done.",
                    "content": {
                      "application/json": {
                        "schema": {"type": "array", "items": {"$ref": "#/components/schemas/WebhookEvent"}}
                      }
                    },
                    "headers": {"Link": {"$ref": "#/components/headers/Link"}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            },
            "/api/webhook-events/retry": {
              "post": {
                "summary": "Read the rejected webhooks again",
                "responses": {
                  "202": {
                    "description": "Accepted.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RetriedEvents"}}}
                  },
                  "default": {"$ref": "#/components/responses/Failure"}
                },
                "security": [{"tenant": []}, {"admin": []}]
              }
            }
          },
          "components": {
            "securitySchemes": {
              "tenant": {
                "type": "http", "scheme": "bearer",
                "description": "A tenant's API key. X-Tenant-ID may be sent and must match."
              },
              "admin": {
                "type": "http", "scheme": "bearer",
                "description": "The host's admin token. For one tenant's data, X-Tenant-ID names the tenant."
              },
              "metrics": {
                "type": "http", "scheme": "bearer", "description": "The token of Prometheus, metrics.token."
              }
            },
            "parameters": {
              "tenant-id": {
                "name": "id", "in": "path", "schema": {"type": "string", "format": "uuid"},
                "description": "The tenant.", "required": true
              },
              "id": {
                "name": "id", "in": "path", "schema": {"type": "string", "format": "uuid"},
                "description": "What to act on.", "required": true
              },
              "backfill-id": {
                "name": "backfill-id", "in": "path", "schema": {"type": "string", "format": "uuid"},
                "description": "The backfill.", "required": true
              },
              "secret-id": {
                "name": "secret-id", "in": "path", "schema": {"type": "string", "format": "uuid"},
                "description": "The webhook secret.", "required": true
              },
              "key": {
                "name": "key", "in": "path", "schema": {"type": "string"},
                "description": "The issue's key, such as ENG-123.", "required": true
              },
              "limit": {
                "name": "limit", "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
                "description": "Items on a page."
              },
              "cursor": {
                "name": "cursor", "in": "query", "schema": {"type": "string"},
                "description": "As the Link header of the page before names it."
              }
            },
            "headers": {"Link": {"description": "The next page, if any (RFC 8288).", "schema": {"type": "string"}}},
            "responses": {
              "Failure": {
                "description": "Any failure.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
              }
            },
            "schemas": {
              "Error": {
                "type": "object",
                "properties": {
                  "code": {"type": "string"}, "detail": {"type": "string"},
                  "errors": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                      "required": ["field", "message"]
                    }
                  }
                },
                "required": ["code", "detail"]
              },
              "Message": {"type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]},
              "Health": {
                "type": "object",
                "properties": {
                  "status": {"type": "string", "enum": ["healthy", "degraded", "unhealthy"]},
                  "service": {"type": "string"}, "version": {"type": "string"},
                  "components": {
                    "type": "object",
                    "additionalProperties": {
                      "type": "object",
                      "properties": {
                        "status": {"type": "string", "enum": ["healthy", "degraded", "unhealthy"]},
                        "detail": {"type": "string"}
                      },
                      "required": ["status", "detail"]
                    }
                  },
                  "figures": {
                    "type": ["object", "null"],
                    "properties": {
                      "pending_events": {"type": "integer"}, "rejected_events": {"type": "integer"},
                      "due_issues": {"type": "integer"}, "parked_issues": {"type": "integer"},
                      "queued_deliveries": {"type": "integer"}, "dead_deliveries": {"type": "integer"},
                      "last_event_at": {"type": ["string", "null"], "format": "date-time"}
                    }
                  },
                  "scorer": {"type": "string"}, "model": {"type": "string"}
                },
                "required": ["status", "service", "version", "components", "figures", "scorer", "model"]
              },
              "TenantFields": {
                "type": "object",
                "properties": {
                  "company_name": {"type": "string", "minLength": 1, "maxLength": 255},
                  "jira_url": {"type": "string", "format": "uri"},
                  "jira_email": {"type": "string", "format": "email"},
                  "jira_token": {"type": "string", "minLength": 10, "writeOnly": true},
                  "daily_rate_per_person": {"type": "number", "minimum": 0, "maximum": 1e12, "default": 2500}
                }
              },
              "Tenant": {
                "type": "object",
                "properties": {
                  "id": {"type": "string", "format": "uuid"}, "company_name": {"type": "string"},
                  "jira_url": {"type": "string"}, "jira_email": {"type": "string"},
                  "plan": {"type": "string", "enum": ["starter", "growth", "enterprise", "free"]},
                  "status": {"type": "string", "enum": ["trial", "active", "suspended", "cancelled"]},
                  "daily_rate_per_person": {"type": "number"},
                  "created_at": {"type": "string", "format": "date-time"},
                  "updated_at": {"type": "string", "format": "date-time"},
                  "trial_ends_at": {"type": ["string", "null"], "format": "date-time"},
                  "monthly_issue_limit": {"type": ["integer", "null"]},
                  "monthly_sprint_limit": {"type": ["integer", "null"]},
                  "monthly_portfolio_limit": {"type": ["integer", "null"]}
                },
                "required": [
                  "id", "company_name", "jira_url", "jira_email", "plan", "status", "daily_rate_per_person",
                  "created_at", "updated_at", "trial_ends_at", "monthly_issue_limit", "monthly_sprint_limit",
                  "monthly_portfolio_limit"
                ],
                "description": "A limit of null is none."
              },
              "CreatedTenant": {
                "allOf": [
                  {"$ref": "#/components/schemas/Tenant"},
                  {
                    "type": "object",
                    "properties": {
                      "api_key": {"type": "string"}, "webhook_secret": {"type": "string"},
                      "webhook_url": {"type": "string"}
                    },
                    "required": ["api_key", "webhook_secret", "webhook_url"]
                  }
                ],
                "description": "The secrets are shown only here."
              },
              "Usage": {
                "type": "object",
                "properties": {
                  "tenant_id": {"type": "string", "format": "uuid"},
                  "period": {"type": "string", "examples": ["2026-11"]}, "issue_analyses": {"type": "integer"},
                  "sprint_analyses": {"type": "integer"}, "portfolio_analyses": {"type": "integer"},
                  "total_calls": {"type": "integer"}, "issue_limit": {"type": ["integer", "null"]},
                  "sprint_limit": {"type": ["integer", "null"]}, "portfolio_limit": {"type": ["integer", "null"]},
                  "issue_remaining": {"type": ["integer", "null"]}, "sprint_remaining": {"type": ["integer", "null"]},
                  "portfolio_remaining": {"type": ["integer", "null"]}
                },
                "required": [
                  "tenant_id", "period", "issue_analyses", "sprint_analyses", "portfolio_analyses", "total_calls",
                  "issue_limit", "sprint_limit", "portfolio_limit", "issue_remaining", "sprint_remaining",
                  "portfolio_remaining"
                ],
                "description": "The calendar month in UTC. A limit of null is none."
              },
              "WebhookSecret": {
                "type": "object",
                "properties": {
                  "id": {"type": "string", "format": "uuid"}, "created_at": {"type": "string", "format": "date-time"},
                  "expires_at": {"type": ["string", "null"], "format": "date-time"}, "secret": {"type": "string"}
                },
                "required": ["id", "created_at", "expires_at"],
                "description": "`secret` is shown only by the answer that creates it; expires_at: replaced by another."
              },
              "JiraAccess": {
                "type": "object",
                "properties": {
                  "enabled": {"type": "boolean"}, "stopped_reason": {"type": ["string", "null"]},
                  "stopped_at": {"type": ["string", "null"], "format": "date-time"},
                  "last_error": {"type": ["string", "null"]},
                  "last_sweep_at": {"type": ["string", "null"], "format": "date-time"},
                  "last_full_sweep_at": {"type": ["string", "null"], "format": "date-time"},
                  "missed": {"type": "integer"}, "healed": {"type": "integer"}, "deleted": {"type": "integer"},
                  "hidden": {"type": "integer"}, "calls": {"type": "integer"}, "waiting_issues": {"type": "integer"},
                  "unavailable_issues": {"type": "integer"}
                },
                "required": [
                  "enabled", "stopped_reason", "stopped_at", "last_error", "last_sweep_at", "last_full_sweep_at", "missed",
                  "healed", "deleted", "hidden", "calls", "waiting_issues", "unavailable_issues"
                ],
                "description": "Issues that webhooks missed, and those of them fetched since; found deleted, or no longer shown."
              },
              "RegisteredWebhook": {
                "type": "object",
                "properties": {
                  "id": {"type": "string"}, "name": {"type": "string"}, "url": {"type": "string"},
                  "events": {"type": "array", "items": {"type": "string"}}, "jql_filter": {"type": "string"},
                  "enabled": {"type": "boolean"}, "faults": {"type": "array", "items": {"type": "string"}}
                },
                "required": ["id", "name", "url", "events", "jql_filter", "enabled", "faults"],
                "description": "An admin webhook of the site, and what is wrong with it."
              },
              "WebhookOverview": {
                "type": "object",
                "properties": {
                  "url": {"type": "string"},
                  "webhooks": {"type": "array", "items": {"$ref": "#/components/schemas/RegisteredWebhook"}},
                  "others": {"type": "array", "items": {"type": "string"}}
                },
                "required": ["url", "webhooks", "others"],
                "description": "Where a webhook must point to, those meant for it, and the names of all others."
              },
              "WebhookRegistration": {
                "type": "object",
                "properties": {
                  "webhook": {"$ref": "#/components/schemas/RegisteredWebhook"}, "created": {"type": "boolean"},
                  "doubles": {"type": "array", "items": {"$ref": "#/components/schemas/RegisteredWebhook"}}
                },
                "required": ["webhook", "created", "doubles"],
                "description": "doubles: others that point to the same door, left as they are."
              },
              "WebhookSecretRotation": {
                "type": "object",
                "properties": {
                  "secret_id": {"type": "string", "format": "uuid"},
                  "webhook_ids": {"type": "array", "items": {"type": "string"}},
                  "former_secrets_valid_until": {"type": "string", "format": "date-time"}
                },
                "required": ["secret_id", "webhook_ids", "former_secrets_valid_until"],
                "description": "The secret itself is shown to nobody."
              },
              "WebhookTest": {
                "type": "object",
                "properties": {
                  "url": {"type": "string"}, "arrived": {"type": "boolean"}, "status": {"type": ["integer", "null"]},
                  "detail": {"type": "string"}, "milliseconds": {"type": "integer"}
                },
                "required": ["url", "arrived", "status", "detail", "milliseconds"]
              },
              "Diagnosis": {
                "type": "object",
                "properties": {
                  "outcome": {"type": "string", "enum": ["ok", "warning", "failed"]},
                  "checks": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "properties": {
                        "name": {"type": "string"}, "outcome": {"type": "string", "enum": ["ok", "warning", "failed"]},
                        "detail": {"type": "string"}, "remedy": {"type": ["string", "null"]}
                      },
                      "required": ["name", "outcome", "detail", "remedy"]
                    }
                  }
                },
                "required": ["outcome", "checks"],
                "description": "The worst outcome, and all checks; no check changes anything."
              },
              "BackfillRequest": {
                "type": "object",
                "properties": {"project_key": {"type": "string"}, "jql": {"type": "string"}},
                "description": "One of both."
              },
              "Backfill": {
                "type": "object",
                "properties": {
                  "id": {"type": "string", "format": "uuid"}, "jql": {"type": "string"},
                  "state": {"type": "string", "enum": ["running", "done", "failed"]},
                  "listing_complete": {"type": "boolean"}, "listed": {"type": "integer"},
                  "requested": {"type": "integer"}, "fetched": {"type": "integer"}, "unavailable": {"type": "integer"},
                  "listing_calls": {"type": "integer"},
                  "error": {"type": ["string", "null"]}, "created_at": {"type": "string", "format": "date-time"},
                  "finished_at": {"type": ["string", "null"], "format": "date-time"}
                },
                "required": [
                  "id", "jql", "state", "listing_complete", "listed", "requested", "fetched", "unavailable", "listing_calls",
                  "error", "created_at", "finished_at"
                ],
                "description": "Issues found, those of them unknown or changed, how many of those are in the store, and how many Jira cannot give."
              },
              "AnalyzeRequest": {
                "type": "object",
                "properties": {
                  "issue_key": {"type": "string"},
                  "template": {
                    "type": "string", "enum": ["executive", "technical", "pm", "all"], "default": "executive"
                  },
                  "store_history": {"type": "boolean", "default": true}
                },
                "required": ["issue_key"]
              },
              "Report": {
                "type": "object",
                "properties": {
                  "issue_key": {"type": "string"}, "template": {"type": "string"}, "report": {"type": "string"},
                  "risk_score": {"type": "integer"}, "daily_cost": {"type": "number"},
                  "blocker_count": {"type": "integer"}, "timestamp": {"type": "string", "format": "date-time"}
                },
                "required": [
                  "issue_key", "template", "report", "risk_score", "daily_cost", "blocker_count", "timestamp"
                ]
              },
              "SprintRequest": {
                "type": "object",
                "properties": {
                  "project_key": {"type": "string"},
                  "sprint_name": {
                    "type": ["string", "null"],
                    "description": "In any case. Without it, the active sprint; of several the one that started last."
                  },
                  "max_issues": {
                    "type": "integer", "minimum": 1, "maximum": 200, "default": 50,
                    "description": "The riskiest open issues are rolled up, at most so many."
                  }
                },
                "required": ["project_key"]
              },
              "Sprint": {
                "type": "object",
                "properties": {
                  "id": {"type": "string"}, "name": {"type": "string"},
                  "state": {"type": "string", "examples": ["future", "active", "closed"]},
                  "start_date": {"type": ["string", "null"], "format": "date-time"},
                  "end_date": {"type": ["string", "null"], "format": "date-time"},
                  "complete_date": {"type": ["string", "null"], "format": "date-time"}
                },
                "required": ["id", "name", "state", "start_date", "end_date", "complete_date"]
              },
              "SprintScopePart": {
                "type": "object",
                "properties": {
                  "count": {"type": "integer"}, "story_points": {"type": "number"},
                  "issues": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "properties": {"key": {"type": "string"}, "story_points": {"type": ["number", "null"]}},
                      "required": ["key", "story_points"]
                    }
                  }
                },
                "required": ["count", "story_points", "issues"],
                "description": "Story points are those of now."
              },
              "RollupCapacity": {
                "type": "object",
                "properties": {
                  "total_daily_cost": {"type": "number"}, "total_person_days_lost_per_day": {"type": "number"}
                },
                "required": ["total_daily_cost", "total_person_days_lost_per_day"]
              },
              "SprintAnalysis": {
                "type": "object",
                "properties": {
                  "project_key": {"type": "string"}, "sprint_name": {"type": "string"},
                  "coverage": {"$ref": "#/components/schemas/Coverage"},
                  "issue_count": {"type": "integer", "description": "How many issues are rolled up."},
                  "open_issue_count": {"type": "integer", "description": "How many issues of the sprint are not done."},
                  "executive_summary": {"type": "string"},
                  "rollup": {
                    "type": "object",
                    "properties": {
                      "counts": {
                        "type": "object",
                        "properties": {
                          "issues": {"type": "integer"}, "blockers": {"type": "integer"},
                          "high_risk": {"type": "integer"}, "medium_risk": {"type": "integer"},
                          "low_risk": {"type": "integer"}, "stale_updates_gt_5d": {"type": "integer"},
                          "stale_updates_gt_10d": {"type": "integer"}
                        },
                        "required": [
                          "issues", "blockers", "high_risk", "medium_risk", "low_risk", "stale_updates_gt_5d",
                          "stale_updates_gt_10d"
                        ]
                      },
                      "risk": {
                        "type": "object",
                        "properties": {
                          "avg": {"type": "number"}, "max": {"type": "integer"},
                          "high_risk_keys": {"type": "array", "items": {"type": "string"}}
                        },
                        "required": ["avg", "max", "high_risk_keys"]
                      },
                      "capacity": {"$ref": "#/components/schemas/RollupCapacity"},
                      "blockers_by_category": {"type": "object", "additionalProperties": {"type": "integer"}}
                    },
                    "required": ["counts", "risk", "capacity", "blockers_by_category"]
                  },
                  "scope": {
                    "type": "object",
                    "properties": {
                      "committed": {"$ref": "#/components/schemas/SprintScopePart"},
                      "added": {"$ref": "#/components/schemas/SprintScopePart"},
                      "removed": {"$ref": "#/components/schemas/SprintScopePart"},
                      "completed": {"$ref": "#/components/schemas/SprintScopePart"},
                      "not_completed": {"$ref": "#/components/schemas/SprintScopePart"}
                    },
                    "required": ["committed", "added", "removed", "completed", "not_completed"],
                    "description": "From the changelog; completed or not as of the close, or now while the sprint runs."
                  },
                  "sprint": {"$ref": "#/components/schemas/Sprint"},
                  "other_sprints": {
                    "type": "array", "items": {"$ref": "#/components/schemas/Sprint"},
                    "description": "Other sprints that the request fits as well."
                  },
                  "timestamp": {"type": "string", "format": "date-time"}
                },
                "required": [
                  "project_key", "sprint_name", "coverage", "issue_count", "open_issue_count", "executive_summary", "rollup",
                  "scope", "sprint", "other_sprints", "timestamp"
                ]
              },
              "Coverage": {
                "type": "string", "enum": ["whole", "asked", "seen"],
                "description": "What the answer is made from: all issues of the projects, which a backfill brought; or those that the store had and Jira was asked for; or, where Jira could not be asked, only those that webhooks told of."
              },
              "PortfolioRequest": {
                "type": "object",
                "properties": {
                  "slices": {
                    "type": "array", "maxItems": 50,
                    "items": {
                      "type": "object",
                      "properties": {
                        "name": {"type": "string"},
                        "jql": {
                          "type": "string",
                          "description": "Queries of projects are answered from the store, others are asked of Jira."
                        }
                      },
                      "required": ["name", "jql"]
                    }
                  },
                  "project_keys": {
                    "type": "array", "maxItems": 50, "items": {"type": "string"},
                    "description": "Where slices is absent or empty: one slice for the open issues of each project."
                  },
                  "max_issues_per_slice": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}
                }
              },
              "PortfolioRollup": {
                "type": "object",
                "properties": {
                  "counts": {
                    "type": "object",
                    "properties": {
                      "issues": {"type": "integer"}, "blockers": {"type": "integer"},
                      "high_risk": {"type": "integer"}, "projects": {"type": "integer"}
                    },
                    "required": ["issues", "blockers", "high_risk", "projects"]
                  },
                  "risk": {
                    "type": "object", "properties": {"avg": {"type": "number"}, "max": {"type": "integer"}},
                    "required": ["avg", "max"]
                  },
                  "capacity": {"$ref": "#/components/schemas/RollupCapacity"},
                  "blockers_by_category": {"type": "object", "additionalProperties": {"type": "integer"}},
                  "issues_by_project": {"type": "object", "additionalProperties": {"type": "integer"}},
                  "top_high_risk": {
                    "type": "array", "maxItems": 20,
                    "items": {
                      "type": "object",
                      "properties": {
                        "key": {"type": "string"}, "risk": {"type": "integer"}, "status": {"type": "string"},
                        "assignee": {"type": "string"}, "summary": {"type": "string", "maxLength": 80}
                      },
                      "required": ["key", "risk", "status", "assignee", "summary"]
                    }
                  }
                },
                "required": [
                  "counts", "risk", "capacity", "blockers_by_category", "issues_by_project", "top_high_risk"
                ]
              },
              "PortfolioAnalysis": {
                "type": "object",
                "properties": {
                  "slices": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "properties": {
                        "name": {"type": "string"}, "jql": {"type": "string"},
                        "coverage": {"$ref": "#/components/schemas/Coverage"}, "issue_count": {"type": "integer"},
                        "rollup": {"$ref": "#/components/schemas/PortfolioRollup"}
                      },
                      "required": ["name", "jql", "coverage", "issue_count", "rollup"]
                    }
                  },
                  "overall": {
                    "$ref": "#/components/schemas/PortfolioRollup",
                    "description": "An issue that several slices name counts once."
                  },
                  "executive_summary": {"type": "string"},
                  "timestamp": {"type": "string", "format": "date-time"}
                },
                "required": ["slices", "overall", "executive_summary", "timestamp"]
              },
              "Evidence": {
                "type": "object",
                "properties": {
                  "kind": {"type": "string", "enum": ["comment", "change", "link", "field"]},
                  "id": {"type": "string"}, "at": {"type": "string", "format": "date-time"},
                  "note": {"type": "string"}
                },
                "required": ["kind", "id"]
              },
              "Factor": {
                "type": "object",
                "properties": {
                  "name": {
                    "type": "string",
                    "enum": ["sentiment", "blockers", "age", "staleness", "due_date", "churn", "upstream"]
                  },
                  "points": {"type": "integer"}, "cap": {"type": "integer"}, "explanation": {"type": "string"},
                  "remedy": {"type": "string"},
                  "evidence": {"type": "array", "items": {"$ref": "#/components/schemas/Evidence"}}
                },
                "required": ["name", "points", "cap", "explanation", "evidence"]
              },
              "RawAnalysis": {
                "type": "object",
                "properties": {
                  "issue_id": {"type": "string"}, "issue_key": {"type": "string"}, "project_key": {"type": "string"},
                  "summary": {"type": "string"}, "as_of": {"type": "string", "format": "date-time"},
                  "risk_score": {"type": "integer", "minimum": 0, "maximum": 100},
                  "own_score": {"type": "integer"},
                  "band": {"type": "string", "enum": ["high", "medium", "low"]},
                  "factors": {"type": "array", "items": {"$ref": "#/components/schemas/Factor"}},
                  "sentiment": {
                    "type": "object",
                    "properties": {
                      "total": {"type": "integer"}, "positive": {"type": "integer"}, "negative": {"type": "integer"},
                      "neutral": {"type": "integer"}, "positive_pct": {"type": "number"},
                      "negative_pct": {"type": "number"},
                      "trend": {
                        "type": "array",
                        "items": {
                          "type": "object",
                          "properties": {
                            "date": {"type": "string", "format": "date-time"},
                            "sentiment": {"type": "string", "enum": ["positive", "negative", "neutral"]},
                            "score": {"type": "number"}
                          },
                          "required": ["date", "sentiment", "score"]
                        }
                      }
                    },
                    "required": ["total", "positive", "negative", "neutral", "positive_pct", "negative_pct", "trend"]
                  },
                  "blockers": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "properties": {
                        "author": {"type": "string"}, "date": {"type": "string", "format": "date-time"},
                        "snippet": {"type": "string"},
                        "categories": {"type": "array", "items": {"type": "string"}},
                        "evidence": {"$ref": "#/components/schemas/Evidence"}
                      },
                      "required": ["author", "date", "snippet", "categories", "evidence"]
                    }
                  },
                  "blocker_count": {"type": "integer"},
                  "timeline": {
                    "type": "object",
                    "properties": {
                      "created": {"type": "string", "format": "date-time"},
                      "updated": {"type": "string", "format": "date-time"}, "age_days": {"type": "integer"},
                      "last_update_days": {"type": "integer"}, "current_status": {"type": "string"},
                      "status_changes": {
                        "type": "array",
                        "items": {
                          "type": "object",
                          "properties": {
                            "from": {"type": "string"}, "to": {"type": "string"},
                            "date": {"type": "string", "format": "date-time"}, "author": {"type": "string"}
                          },
                          "required": ["from", "to", "date", "author"]
                        }
                      },
                      "time_in_current_status": {"type": "integer"}
                    },
                    "required": [
                      "created", "updated", "age_days", "last_update_days", "current_status", "status_changes",
                      "time_in_current_status"
                    ]
                  },
                  "capacity": {
                    "type": "object",
                    "properties": {
                      "estimated_days": {"type": "number"}, "daily_cost": {"type": "number"},
                      "base_daily_cost": {"type": "number"},
                      "cost_multipliers": {"type": "object", "additionalProperties": {"type": "number"}},
                      "assignee": {"type": "string"}, "assignee_role": {"type": "string"},
                      "assignee_location": {"type": "string"}, "days_lost_per_day_blocked": {"type": "number"},
                      "total_cost_if_blocked": {"type": "number"}, "total_estimated_cost": {"type": "number"},
                      "overtime_detected": {"type": "boolean"}, "weekend_detected": {"type": "boolean"}
                    },
                    "required": [
                      "estimated_days", "daily_cost", "base_daily_cost", "cost_multipliers", "assignee",
                      "assignee_role", "assignee_location", "days_lost_per_day_blocked", "total_cost_if_blocked",
                      "total_estimated_cost", "overtime_detected", "weekend_detected"
                    ]
                  },
                  "predictions": {
                    "type": "object",
                    "properties": {
                      "completion_likelihood": {"type": "string", "enum": ["high", "medium", "low"]},
                      "recommended_action": {"type": "string"}, "escalation_needed": {"type": "boolean"}
                    },
                    "required": ["completion_likelihood", "recommended_action", "escalation_needed"]
                  },
                  "trends": {
                    "type": "object",
                    "properties": {
                      "sentiment_trend": {"type": "string"}, "activity_trend": {"type": "string"},
                      "risk_trend": {"type": "string"}
                    },
                    "required": ["sentiment_trend", "activity_trend", "risk_trend"]
                  },
                  "dependencies": {
                    "type": "object",
                    "properties": {
                      "blocks": {"type": "array", "items": {"type": "string"}},
                      "blocked_by": {"type": "array", "items": {"type": "string"}},
                      "relates_to": {"type": "array", "items": {"type": "string"}}
                    },
                    "required": ["blocks", "blocked_by", "relates_to"]
                  },
                  "engine": {
                    "type": "object",
                    "properties": {"scorer": {"type": "string"}, "model": {"type": "string"}},
                    "required": ["scorer", "model"]
                  },
                  "next_change_at": {"type": "string", "format": "date-time"},
                  "similar_issues": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "properties": {
                        "key": {"type": "string"}, "summary": {"type": "string"}, "status": {"type": "string"}
                      },
                      "required": ["key", "summary", "status"]
                    }
                  },
                  "team_baseline": {
                    "type": "object",
                    "properties": {"avg_age_days": {"type": "number"}, "avg_comments": {"type": "number"}},
                    "required": ["avg_age_days", "avg_comments"]
                  }
                },
                "required": [
                  "issue_id", "issue_key", "project_key", "summary", "as_of", "risk_score", "own_score", "band",
                  "factors", "sentiment", "blockers", "blocker_count", "timeline", "capacity", "predictions",
                  "trends", "dependencies", "engine", "similar_issues", "team_baseline"
                ]
              },
              "HistoryEntry": {
                "type": "object",
                "properties": {
                  "id": {"type": "string"}, "issue_key": {"type": "string"}, "project_key": {"type": "string"},
                  "risk_score": {"type": "integer"}, "daily_cost": {"type": "number"},
                  "blocker_count": {"type": "integer"}, "analyzed_at": {"type": "string", "format": "date-time"}
                },
                "required": [
                  "id", "issue_key", "project_key", "risk_score", "daily_cost", "blocker_count", "analyzed_at"
                ]
              },
              "Trends": {
                "type": "object",
                "properties": {
                  "issue_key": {"type": "string"}, "project_key": {"type": "string"},
                  "data_points": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "properties": {
                        "timestamp": {"type": "string", "format": "date-time"}, "risk_score": {"type": "integer"},
                        "daily_cost": {"type": "number"}, "blocker_count": {"type": "integer"},
                        "sentiment_negative_pct": {"type": "number"}
                      },
                      "required": [
                        "timestamp", "risk_score", "daily_cost", "blocker_count", "sentiment_negative_pct"
                      ]
                    }
                  },
                  "trend_direction": {
                    "type": "string",
                    "enum": ["improving", "degrading", "stable", "insufficient_data"]
                  }
                },
                "required": ["issue_key", "project_key", "data_points", "trend_direction"]
              },
              "Issue": {
                "type": "object",
                "properties": {
                  "issue_key": {"type": "string"}, "project_key": {"type": "string"}, "summary": {"type": "string"},
                  "status": {"type": ["string", "null"]}, "assignee": {"type": ["string", "null"]},
                  "priority": {"type": ["string", "null"]},
                  "due_date": {"type": ["string", "null"], "format": "date"}, "risk_score": {"type": "integer"},
                  "band": {"type": "string", "enum": ["high", "medium", "low"]},
                  "reasons": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "properties": {
                        "factor": {"type": "string"}, "points": {"type": "integer"}, "explanation": {"type": "string"}
                      },
                      "required": ["factor", "points", "explanation"]
                    }
                  },
                  "as_of": {"type": "string", "format": "date-time"}, "url": {"type": "string"}
                },
                "required": [
                  "issue_key", "project_key", "summary", "status", "assignee", "priority", "due_date", "risk_score",
                  "band", "reasons", "as_of", "url"
                ]
              },
              "Alert": {
                "type": "object",
                "properties": {
                  "id": {"type": "string", "format": "uuid"}, "rule_id": {"type": "string", "format": "uuid"},
                  "rule_name": {"type": "string"},
                  "kind": {"type": "string", "enum": ["threshold", "spike", "access"]},
                  "event": {"type": "string", "enum": ["raised", "resolved"]}, "issue_key": {"type": "string"},
                  "project_key": {"type": "string"}, "summary": {"type": "string"}, "status": {"type": "string"},
                  "assignee": {"type": "string"}, "issue_url": {"type": "string"}, "score": {"type": "integer"},
                  "previous_score": {"type": ["integer", "null"]},
                  "band": {"type": "string", "enum": ["high", "medium", "low"]},
                  "headline": {"type": "string"},
                  "changes": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "properties": {
                        "factor": {"type": "string"}, "before": {"type": "integer"}, "after": {"type": "integer"},
                        "explanation": {"type": "string"}
                      },
                      "required": ["factor", "before", "after", "explanation"]
                    }
                  },
                  "factors": {"type": "array", "items": {"$ref": "#/components/schemas/Factor"}},
                  "remedies": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "properties": {"action": {"type": "string"}, "points": {"type": "integer"}},
                      "required": ["action", "points"]
                    }
                  },
                  "model": {"type": "string"}, "created_at": {"type": "string", "format": "date-time"},
                  "deliveries": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "properties": {
                        "id": {"type": "string", "format": "uuid"},
                        "channel_id": {"type": "string", "format": "uuid"}, "channel_name": {"type": "string"},
                        "channel_kind": {"type": ["string", "null"], "enum": ["slack", "email", null]},
                        "state": {"type": "string", "enum": ["queued", "delivered", "dead"]},
                        "attempts": {"type": "integer"}, "last_error": {"type": ["string", "null"]},
                        "next_attempt_at": {"type": ["string", "null"], "format": "date-time"},
                        "delivered_at": {"type": ["string", "null"], "format": "date-time"}
                      },
                      "required": [
                        "id", "channel_id", "channel_name", "channel_kind", "state", "attempts", "last_error",
                        "next_attempt_at", "delivered_at"
                      ]
                    }
                  }
                },
                "required": [
                  "id", "rule_id", "rule_name", "kind", "event", "issue_key", "project_key", "summary", "status",
                  "assignee", "issue_url", "score", "previous_score", "band", "headline", "changes", "factors",
                  "remedies", "model", "created_at", "deliveries"
                ]
              },
              "AlertRuleFields": {
                "type": "object",
                "properties": {
                  "name": {"type": "string", "minLength": 1, "maxLength": 100},
                  "enabled": {"type": "boolean", "default": true},
                  "kind": {"type": "string", "enum": ["threshold", "spike"]},
                  "raise_at": {"type": "integer", "minimum": 1, "maximum": 100},
                  "clear_below": {"type": "integer", "minimum": 1, "maximum": 100},
                  "points": {"type": "integer", "minimum": 1, "maximum": 100},
                  "window_seconds": {"type": "integer", "minimum": 60, "maximum": 2678400},
                  "project_keys": {"type": "array", "items": {"type": "string"}},
                  "channel_ids": {"type": "array", "items": {"type": "string", "format": "uuid"}},
                  "notify_resolved": {"type": "boolean", "default": true}
                },
                "required": ["name", "kind"],
                "description": "threshold: raise_at, clear_below (raise_at); spike: points, window_seconds."
              },
              "AlertRule": {
                "allOf": [
                  {"type": "object", "properties": {"id": {"type": "string", "format": "uuid"}}, "required": ["id"]},
                  {"$ref": "#/components/schemas/AlertRuleFields"}
                ]
              },
              "AlertChannelFields": {
                "type": "object",
                "properties": {
                  "kind": {"type": "string", "enum": ["slack", "email"]},
                  "name": {"type": "string", "minLength": 1, "maxLength": 100},
                  "enabled": {"type": "boolean", "default": true},
                  "target": {
                    "type": "string", "writeOnly": true,
                    "description": "slack: the incoming webhook's URL; email: addresses separated by commas."
                  }
                },
                "required": ["name"],
                "description": "A new channel needs `kind` and `target` as well."
              },
              "AlertChannel": {
                "type": "object",
                "properties": {
                  "id": {"type": "string", "format": "uuid"}, "kind": {"type": "string", "enum": ["slack", "email"]},
                  "name": {"type": "string"}, "enabled": {"type": "boolean"},
                  "destination": {"type": "string", "description": "slack: the URL's host; email: the addresses."}
                },
                "required": ["id", "kind", "name", "enabled", "destination"]
              },
              "WebhookEvent": {
                "type": "object",
                "properties": {
                  "id": {"type": "integer"}, "delivery_id": {"type": "string"}, "event": {"type": "string"},
                  "issue_id": {"type": ["string", "null"]},
                  "state": {"type": "string", "enum": ["pending", "applied", "ignored", "rejected"]},
                  "error": {"type": ["string", "null"]}, "received_at": {"type": "string", "format": "date-time"}
                },
                "required": ["id", "delivery_id", "event", "issue_id", "state", "error", "received_at"]
              },
              "ParkedIssue": {
                "type": "object",
                "properties": {
                  "issue_id": {"type": "string"}, "issue_key": {"type": ["string", "null"]},
                  "last_error": {"type": "string"}, "attempts": {"type": "integer"},
                  "parked_at": {"type": "string", "format": "date-time"}
                },
                "required": ["issue_id", "issue_key", "last_error", "attempts", "parked_at"]
              },
              "RetriedEvents": {
                "type": "object", "properties": {"retried": {"type": "integer"}}, "required": ["retried"]
              },
              "APIKey": {"type": "object", "properties": {"api_key": {"type": "string"}}, "required": ["api_key"]}
            }
          }
        }
        """#
}
