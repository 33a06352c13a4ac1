extension BlockerPatterns {
    /// As ``english``, whose classes it may use.
    static let german = """
        @de_need freigabe zugang zugriff rückmeldung entscheidung antwort genehmigung zugangsdaten
        @de_need anforderungen spezifikation testdaten daten feedback bestätigung klärung abnahme lizenz
        @de_need lizenzen information informationen infos unterlagen zulieferung lieferung angebot budget
        @de_need ressourcen kapazität kapazitäten leute berechtigung berechtigungen zertifikat
        @de_need ansprechpartner review konzept design designs texte vorgaben input umgebung testumgebung
        @de_need termin zusage termine stellungnahme

        warten-auf dependency S warte|warten|wartet ~6 auf|bis
        gewartet dependency - wird|werden|seit ~6 auf ~6 gewartet
        muss-warten dependency m muss|müssen ~4 warten
        blockiert-durch - S blockiert durch|von|wegen|bis|vom|seit|weil|da|$
        durch-blockiert - S durch|von|vom|wegen ~5 blockiert
        ist-blockiert - S ist|sind|bin|weiterhin|immer|noch|aktuell|derzeit|hier|komplett|momentan ~2 blockiert
        blockiert-uns - - blockiert|blockieren ~1 uns|mich
        blockiert-work - - blockiert|blockieren ~2 ticket|umsetzung|entwicklung|arbeit|rollout|release|migration|fortschritt|auslieferung
        behindert - - behindert|verhindert ~1 uns
        haengt-an dependency S hängt|hängen ~4 an|am|fest
        haengt-ab dependency S hängt|hängen ~8 ab $
        abhaengig dependency S abhängig
        steckt - S steckt|stecken|stecke ~4 fest
        nicht-weiter - n komme|kommen|kommt|geht|gehts ~6 nicht|nichts weiter
        nicht-weitermachen - n nicht|nichts ~3 weitermachen|weiterarbeiten|fortfahren|anfangen|beginnen|starten
        koennen-nicht - nS können|kann|können ~6 nicht ~3 testen|deployen|starten|weitermachen|anfangen|\
        umsetzen|weiterarbeiten|mergen|ausrollen|abschließen|fertigstellen|beginnen|liefern|veröffentlichen
        ohne-nicht - n ohne ~8 können|kann|komme|kommen ~2 wir|ich ~5 nicht|nichts
        erst-danach dependency S können|kann ~4 erst ~7 testen|deployen|starten|weitermachen|anfangen|\
        umsetzen|weiterarbeiten|mergen|ausrollen|abschließen|beginnen|danach|wenn|nach
        auf-eis - - auf eis
        pausiert - S pausiert|ruht|gestoppt|ausgesetzt|stillgelegt|angehalten
        steht-still - S steht|stehen ~3 still
        steht-aus dependency - steht|stehen ~4 aus
        fehlt requirements - fehlt|fehlen ~6 @de_need
        fehlt-uns requirements - fehlt|fehlen uns|mir|noch|hier
        x-fehlt requirements S @de_need ~6 fehlt|fehlen
        noch-offen requirements - @de_need ~4 ist|sind noch|weiterhin ~1 offen|unklar|ausstehend
        unklar requirements - anforderungen|vorgaben|spezifikation ~3 unklar
        unklar2 requirements - unklare anforderungen|vorgaben
        klaerung requirements - klärungsbedarf
        klaerung2 requirements - klärung nötig
        noch-keine dependency n noch|bisher|bislang|immer ~1 keine|keinen|kein|nicht|nichts ~2 @de_need
        noch-keine-r dependency n noch|bisher|bislang keine|keinen|kein|nichts ~3 erhalten|bekommen|gehört|da
        nicht-gemeldet dependency n noch|bisher|bislang nicht|nichts ~4 gemeldet|geantwortet|geliefert|\
        entschieden|reagiert|freigegeben|verfügbar|da|vorliegt|fertig|genehmigt
        brauche resource - brauche|brauchen|benötige|benötigen ~5 @de_need|hilfe|unterstützung
        unterbesetzt resource - unterbesetzt
        kapazitaet resource n keine kapazität|kapazitäten|ressourcen|leute
        umgebung deployment - umgebung|testsystem|testumgebung|sandbox ist|steht|sind ~4 down|nicht|kaputt
        solange dependency n solange ~6 nicht|kein|keine ~4 ~~ können|kann|komme|kommen|geht|ruht|liegt
        nicht-solange dependency nS nicht ~~ solange
        derzeit-kein resource n derzeit|aktuell|noch|leider|momentan|weiterhin ~1 kein|keine|keinen ~1 @de_need
        zurueckgestellt - S zurückgestellt|vertagt|pausiert|ausgesetzt|aufgeschoben ~1 ~~ bis|solange
        erst-wenn dependency S können|kann ~4 erst ~5 ~~ wenn|nachdem|sobald
        """
}
