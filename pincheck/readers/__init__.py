"""Text of a file -> trees and values whose every node knows its Location; pure."""
