"""The views for analysts.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from collections.abc import Mapping

from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None

CASUALTY_TIMELINE = """
CREATE VIEW casualty_timeline AS
SELECT
    told.story_id,
    stories.title AS story_title,
    told.stated_at,
    told.effect,
    told.side,
    told."group",
    told.claimant,
    told.figure,
    told.low,
    told.high,
    told.bound,
    told.told_as,
    lag(told.figure) OVER (
        PARTITION BY told.story_id, told.effect, told.side, told."group", told.claimant, told.told_as ORDER BY told.stated_at, told.id
    ) AS previous_figure,
    told.outlet,
    told.quote,
    told.article_id,
    articles.url,
    told.recorded_at
FROM (
    SELECT
        figures.*,
        CASE figures.bound WHEN 'exact' THEN figures.low::text WHEN 'at_least' THEN 'at least ' || figures.low WHEN 'more_than' THEN 'more than ' || figures.low WHEN 'up_to' THEN 'up to ' || figures.high WHEN 'about' THEN 'about ' || CASE WHEN figures.low = figures.high THEN figures.low::text ELSE figures.low || ' to ' || figures.high END ELSE 'some' END AS figure
    FROM (
        SELECT
            coalesce(story_aliases.story_id, ledger_figures.story_id) AS story_id,
            ledger_figures.id, ledger_figures.stated_at, ledger_figures.effect, ledger_figures.side, ledger_figures."group",
            ledger_figures.claimant, ledger_figures.low, ledger_figures.high, ledger_figures.bound, ledger_figures.outlet,
            CASE
                WHEN ledger_figures.subset THEN 'share' WHEN ledger_figures.addition THEN 'more'
                WHEN ledger_figures.joint THEN 'joint' ELSE 'total'
            END AS told_as,
            ledger_figures.quote, ledger_figures.article_id, ledger_figures.recorded_at
        FROM ledger_figures
        LEFT JOIN story_aliases ON story_aliases.alias = ledger_figures.story_id
        WHERE ledger_figures.withdrawn_at IS NULL
    ) AS figures
) AS told
LEFT JOIN stories ON stories.id = told.story_id
LEFT JOIN articles ON articles.id = told.article_id
ORDER BY told.story_id, told.stated_at, told.id
"""

CASUALTY_TIMELINE_COMMENTS = {
    "": "Every figure of a story as it changed, by side, effect and claimant, with the outlet and the words",
    "story_id": "Story; merged ones under the id that they have now",
    "story_title": "Title of the article that began the story",
    "stated_at": "Published time of the article that states the figure",
    "effect": "What befell them",
    "side": "Whose people; NULL where nothing says so or two sides are summed",
    "group": "Who among them",
    "claimant": "Who vouches for the figure; NULL where the outlet says it itself",
    "figure": "The figure in words: 25, at least 25, up to 80, about 30 to 40, some",
    "low": "Lowest number of heads; NULL where the words leave it open",
    "high": "Highest number of heads; NULL where the words leave it open",
    "bound": "How the words limit the true figure",
    "told_as": "total; share (of a larger figure), more (an increment) or joint (two effects as one figure)",
    "previous_figure": "What the same claimant had said before of the same kind, in words; NULL for a first figure",
    "outlet": "Outlet that published it",
    "quote": "The words that say so",
    "article_id": "Article that states it",
    "url": "Its address",
    "recorded_at": "When the ledger took the figure",
}

CLAIMS_SIDE_BY_SIDE = """
CREATE VIEW claims_side_by_side AS
SELECT
    latest.story_id,
    stories.title AS story_title,
    latest.effect,
    latest.side,
    latest."group",
    count(*) AS claimants,
    min(coalesce(latest.low, latest.high)) AS lowest,
    max(coalesce(latest.high, latest.low)) AS highest,
    count(DISTINCT latest.figure) > 1 AS differ,
    string_agg(
        coalesce(latest.claimant, '(outlets)') || ': ' || latest.figure, ' | '
        ORDER BY coalesce(latest.high, latest.low) DESC NULLS LAST, latest.claimant
    ) AS figures,
    jsonb_agg(
        jsonb_build_object(
            'claimant', latest.claimant, 'figure', latest.figure, 'low', latest.low, 'high', latest.high, 'bound', latest.bound,
            'stated_at', latest.stated_at, 'outlet', latest.outlet_name, 'quote', latest.quote,
            'article_id', latest.article_id, 'url', latest.url
        )
        ORDER BY coalesce(latest.high, latest.low) DESC NULLS LAST, latest.claimant
    ) AS claims,
    max(latest.stated_at) AS last_stated_at
FROM (
    SELECT DISTINCT ON (stated.story_id, stated.effect, stated.side, stated."group", stated.claimant)
        stated.*,
        CASE stated.bound WHEN 'exact' THEN stated.low::text WHEN 'at_least' THEN 'at least ' || stated.low WHEN 'more_than' THEN 'more than ' || stated.low WHEN 'up_to' THEN 'up to ' || stated.high WHEN 'about' THEN 'about ' || CASE WHEN stated.low = stated.high THEN stated.low::text ELSE stated.low || ' to ' || stated.high END ELSE 'some' END AS figure
    FROM (
        SELECT
            coalesce(story_aliases.story_id, articles.story_id) AS story_id,
            claims.effect, claims.side, claims."group", claims.claimant, claims.low, claims.high, claims.bound, claims.stated_at,
            claims.quote, claims.article_id, claims.start_offset, articles.outlet_name, articles.url
        FROM claims
        JOIN articles
            ON articles.id = claims.article_id
            AND articles.revision = claims.revision
            AND articles.rules_version = claims.rules_version
        LEFT JOIN story_aliases ON story_aliases.alias = articles.story_id
        WHERE claims.current
            AND NOT claims.subset
            AND NOT claims.addition
            AND NOT claims.joint
            AND articles.copy_of IS NULL
            AND articles.story_id IS NOT NULL
    ) AS stated
    ORDER BY
        stated.story_id, stated.effect, stated.side, stated."group", stated.claimant,
        stated.stated_at DESC NULLS LAST, stated.article_id, stated.start_offset DESC
) AS latest
LEFT JOIN stories ON stories.id = latest.story_id
GROUP BY latest.story_id, stories.title, latest.effect, latest.side, latest."group"
"""

CLAIMS_SIDE_BY_SIDE_COMMENTS = {
    "": "For each story, effect, side and group: the latest figure of each claimant, beside one another",
    "story_id": "Story; merged ones under the id that they have now",
    "story_title": "Title of the article that began the story",
    "effect": "What befell them",
    "side": "Whose people; NULL where nothing says so or two sides are summed",
    "group": "Who among them",
    "claimants": "How many claimants give a figure; the outlets' own voice counts as one",
    "lowest": "Lowest of the latest figures, in heads",
    "highest": "Highest of the latest figures, in heads",
    "differ": "True where the latest figures are not the same",
    "figures": "The latest figures in words, highest first: NKR.GOV: at least 25 | AZE.MIL: 10 | (outlets): 27",
    "claims": "The same as JSON: claimant, figure, low, high, bound, stated_at, outlet, quote, article_id, url",
    "last_stated_at": "Published time of the newest of them",
}

CEASEFIRE_HISTORY = """
CREATE VIEW ceasefire_history AS
SELECT
    told.story_id,
    stories.title AS story_title,
    told.stated_at,
    told.status,
    told.previous_status,
    told.parties,
    told.claimant,
    told.outlet_name AS outlet,
    told.quote,
    told.article_id,
    told.url,
    (
        SELECT alerts.id
        FROM alerts
        WHERE alerts.article_id = told.article_id AND alerts.kind = 'ceasefire' AND alerts.status = told.status
        ORDER BY alerts.raised_at
        LIMIT 1
    ) AS alert_id
FROM (
    SELECT
        stated.*,
        lag(stated.status) OVER (
            PARTITION BY stated.story_id ORDER BY stated.stated_at, stated.article_id, stated.field DESC, stated.start_offset
        ) AS previous_status
    FROM (
        SELECT
            coalesce(story_aliases.story_id, articles.story_id) AS story_id,
            ceasefire_statements.stated_at, ceasefire_statements.status, ceasefire_statements.parties, ceasefire_statements.claimant,
            ceasefire_statements.quote, ceasefire_statements.article_id, ceasefire_statements.field, ceasefire_statements.start_offset,
            articles.outlet_name, articles.url
        FROM ceasefire_statements
        JOIN articles
            ON articles.id = ceasefire_statements.article_id
            AND articles.revision = ceasefire_statements.revision
            AND articles.rules_version = ceasefire_statements.rules_version
        LEFT JOIN story_aliases ON story_aliases.alias = articles.story_id
        WHERE ceasefire_statements.current
            AND ceasefire_statements.stated_at IS NOT NULL
            AND articles.copy_of IS NULL
            AND articles.story_id IS NOT NULL
    ) AS stated
) AS told
LEFT JOIN stories ON stories.id = told.story_id
WHERE told.status IS DISTINCT FROM told.previous_status
ORDER BY told.story_id, told.stated_at
"""

CEASEFIRE_HISTORY_COMMENTS = {
    "": "Each change of what is said of a story's truce, with the words",
    "story_id": "Story; merged ones under the id that they have now",
    "story_title": "Title of the article that began the story",
    "stated_at": "Published time of the article that states it",
    "status": "What is said of the truce from here on",
    "previous_status": "What was said before; NULL for the first",
    "parties": "Bodies between which it holds",
    "claimant": "Who says so; NULL where the outlet says it itself",
    "outlet": "Outlet that published it",
    "quote": "The words that say so",
    "article_id": "Article that states it",
    "url": "Its address",
    "alert_id": "Alert that was raised for it; NULL where none was",
}


def upgrade() -> None:
    """Make the views, each with a comment on it and on every column."""
    _make("casualty_timeline", CASUALTY_TIMELINE, CASUALTY_TIMELINE_COMMENTS)
    _make("claims_side_by_side", CLAIMS_SIDE_BY_SIDE, CLAIMS_SIDE_BY_SIDE_COMMENTS)
    _make("ceasefire_history", CEASEFIRE_HISTORY, CEASEFIRE_HISTORY_COMMENTS)


def _make(name: str, statement: str, comments: Mapping[str, str]) -> None:
    op.execute(statement)
    for column, comment in comments.items():
        what = f'COLUMN {name}."{column}"' if column else f"VIEW {name}"
        written = comment.replace("'", "''")
        op.execute(f"COMMENT ON {what} IS '{written}'")


def downgrade() -> None:
    """Drop the views."""
    op.execute("DROP VIEW ceasefire_history")
    op.execute("DROP VIEW claims_side_by_side")
    op.execute("DROP VIEW casualty_timeline")
