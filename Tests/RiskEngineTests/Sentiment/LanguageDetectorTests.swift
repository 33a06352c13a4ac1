import Domain
import RiskEngine
import Testing

@Suite struct LanguageDetectorTests {
    @Test(arguments: [
        ("The report is not there when you open the page for the first time.", TextLanguage.english),
        ("Der Bericht fehlt noch immer, und wir haben keine Antwort bekommen.", .german),
        ("Das ist leider immer noch kaputt", .german), ("Bitte noch einmal prüfen, wir warten.", .german),
        ("Le rapport n'est pas encore prêt, mais nous avons une solution pour les clients.", .french),
        ("El informe no está listo, pero los clientes lo esperan para mañana por la tarde.", .spanish),
        ("Il file non è stato trovato, perché questo percorso della cartella è sbagliato.", .italian),
        ("O relatório ainda não foi enviado, mas isso já está em andamento pelo time.", .portuguese),
        ("Het rapport is nog niet klaar, maar de klant heeft het niet nodig voor morgen.", .dutch),
        ("Raport nie jest gotowy, ale już są wyniki dla klienta oraz może jutro.", .polish),
        ("Отчёт ещё не готов, клиент ждёт.", .cyrillic), ("レポートはまだできていません。", .japanese),
        ("NullPointerExceptionが発生しました", .japanese), ("报告还没有完成。", .chinese),
        ("보고서가 아직 준비되지 않았습니다.", .korean), ("التقرير غير جاهز بعد", .arabic),
        ("Η αναφορά δεν είναι έτοιμη", .otherScript),
    ])
    func tellsLanguagesByFunctionWordsAndScripts(text: String, language: TextLanguage) {
        #expect(LanguageDetector.language(of: text) == language)
    }

    @Test(arguments: [
        "", "OK", "+1", "LGTM 👍", "NPE in com.example.os.Mit", "r4711", "Done.", "Zürich", "Ping Müller",
        "MIT license, see src/de/und/es.properties", "Thanks, der Build ist green, please merge the branch",
        "The user typed \"el informe no está\" and the page was empty because of the encoding.",
    ])
    func isEnglishWithoutEvidenceOfAnother(text: String) {
        #expect(LanguageDetector.language(of: text) == .english)
    }

    @Test func aLongTextIsToldByItsBeginning() {
        let german = String(repeating: "Das ist nicht für euch, sondern für mich. ", count: 50_000)
        #expect(LanguageDetector.language(of: german) == .german)
        #expect(LanguageDetector.language(of: String(repeating: "x", count: 5_000) + " " + german) == .english)
    }
}
