public import Alerts
import Domain
import Foundation
public import JiraCloud
public import Queries
public import RiskEngine
public import Store
import Vault
public import WebhookIngest

// The modules of floors 2 and 3 know only the protocols they declare; the store conforms here.

extension RiskStore: RescoreStore {}
extension RiskStore: QueryStore {}
extension GroupCommit: WebhookInbox {}
extension RiskStore: AlertOutbox {}
extension RiskStore: JiraAccessStore {}
extension RiskStore: SyncStore {}
extension RiskStore: WebhookAdministrationStore {}
extension RiskStore: JiraSearchStore {}
extension WebhookAdministration: JiraAdministering {}
extension JiraSearch: JiraSearching {}
