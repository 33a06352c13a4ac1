import Domain
import JiraCloud
import RiskEngine
import Store

extension Composition {
    /// Lets the store recognise and erase people. Before anything is received: webhooks of tenants with erased people wait for it.
    func prepareErasures(in store: RiskStore, model: ModelHost) {
        let residue = TextResidue(configuration.scoring, classifiers: model.slot)
        store.erasure.use(
            ErasureParts(
                seal: seal, open: open, model: { residue.model }, hash: { residue.hash(of: $0) },
                residue: { residue.residue(of: $0, mood: $1, id: $2) }, staffing: { residue.staffing(of: $0) },
                comment: { JiraComment.read($0) }))
    }
}
