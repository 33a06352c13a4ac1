import Domain
import Testing

@testable import FinBERT

@Suite struct VocabularyLanguagesTests {
    private func languages(_ words: String) -> Set<TextLanguage> {
        let held = Set(words.split(separator: " ").map(String.init))
        return VocabularyLanguages.languages(held.contains)
    }

    @Test func oneLanguageIsToldByItsFrequentWords() {
        #expect(languages("would their which should because between und der") == [.english])
        #expect(languages("nicht werden wurde zwischen jedoch sowie diese and the") == [.german])
        #expect(languages("から こと もの した ない いる") == [.japanese])
    }

    @Test func aFewStrayWordsAreNoLanguage() {
        #expect(languages("would their which should because between nicht werden wurde cette") == [.english])
        #expect(languages("a b c") == [.english])
    }

    @Test func fourLanguagesMakeAMultilingualModel() {
        let words = """
            would their which should because between nicht werden wurde zwischen jedoch sowie cette aussi leurs plusieurs \
            toujours ainsi donde desde cuando porque muchos estos
            """
        #expect(languages(words) == Set(TextLanguage.allCases))
    }
}
