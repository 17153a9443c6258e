"""Bytes: the only reader of disk and git."""

from dagster_lookml.source.directory import DirectoryTree
from dagster_lookml.source.files import SourceFile, Span
from dagster_lookml.source.git_tree import GitTree
from dagster_lookml.source.problems import Problem
from dagster_lookml.source.refs import branches_with_lookml, merge_base
from dagster_lookml.source.repository import repository_folder
from dagster_lookml.source.tree import MemoryTree, Refusal, SourceTree, deeper_root, is_lookml

__all__ = [
    "DirectoryTree",
    "GitTree",
    "MemoryTree",
    "Problem",
    "Refusal",
    "SourceFile",
    "SourceTree",
    "Span",
    "branches_with_lookml",
    "deeper_root",
    "is_lookml",
    "merge_base",
    "repository_folder",
]
