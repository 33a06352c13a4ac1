import ArgumentParser
import Configuration
import Yams
@main struct X: ParsableCommand { func run() {} }
