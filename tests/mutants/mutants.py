"""The most important defences, how each is taken out, and the test that must turn red."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """A defence, the text in a file that is it, what is put in its place, and tests that each must fail then."""

    defence: str
    path: str
    find: str
    replace: str
    tests: tuple[str, ...]


# fmt: off
MUTANTS: tuple[Mutant, ...] = (
    # -- the front
    Mutant(
        "forms carry a token", "cms/factory.py",
        "    csrf.init_app(app)\n", "    app.jinja_env.globals['csrf_token'] = str\n",
        ("tests/attacks/test_forgery.py::test_no_form_is_taken_without_its_token",),
    ),
    Mutant(
        "nothing is sent from another site", "cms/core/gate.py",
        "if request.method not in _SAFE and not _knows_no_cookies() and _is_from_elsewhere():",
        "if request.method in ():",
        ("tests/attacks/test_forgery.py::test_no_form_of_another_site_is_taken_even_with_its_token",),
    ),
    Mutant(
        "a strange host gets no page", "cms/config.py",
        'settings["TRUSTED_HOSTS"] = list(dict.fromkeys([base.hostname, *settings["TRUSTED_HOSTS"], *local]))',
        'settings["TRUSTED_HOSTS"] = None',
        ("tests/attacks/test_hosts.py::test_a_strange_host_gets_no_page",),
    ),
    Mutant(
        "a sign-in leads nowhere else", "cms/accounts/redirects.py",
        "return bool(_SAFE.fullmatch(path)) and all(_is_plain(reading) for reading in readings[1:])", "return True",
        ("tests/functional/accounts/test_sign_in.py::test_nobody_is_sent_elsewhere",),
    ),
    Mutant(
        "the program calls public machines alone", "cms/lib/networks.py",
        "    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:\n"
        "        return False\n", "    return True\n",
        ("tests/attacks/test_fetch.py::test_no_connection_is_even_tried",),
    ),
    Mutant(
        "links hold known schemes alone", "cms/lib/document/urls.py",
        '"link": frozenset({"http", "https", "mailto", "tel", "cms"})',
        '"link": frozenset({"http", "https", "mailto", "tel", "cms", "javascript"})',
        ("tests/attacks/test_scripts.py::test_no_link_carries_a_script",),
    ),
    Mutant(
        "no cell of a table computes", "cms/lib/spreadsheets.py",
        'return f"\'{text}" if looks_like_formula(text) else text', "return text",
        ("tests/unit/lib/test_spreadsheets.py::test_no_text_becomes_a_formula",),
    ),
    # -- rights
    Mutant(
        "own means own", "cms/core/permissions.py",
        "if OWN in held and actor.id is not None and actor.id in tuple(owner_ids):", "if OWN in held:",
        ("tests/attacks/test_rights.py::test_other_peoples_things_stay_as_they_are",),
    ),
    Mutant(
        "lists hold what one may see", "cms/content/lists.py",
        '    found.append(reach(user, f"content:{wanted.kind}:edit"))\n', "",
        ("tests/functional/content/test_rights.py::test_lists_show_exactly_what_the_policy_allows",),
    ),
    Mutant(
        "fields are rights", "cms/content/actions/edit_entry.py",
        "    check_fields(working, checked, kind=entry.kind, entry=entry, by=by)\n", "",
        ("tests/functional/admin/test_field_rights.py::test_without_the_right_a_field_is_read_and_not_changed",),
    ),
    Mutant(
        "nobody gives rights they lack", "cms/accounts/actions/assign_roles.py",
        "        may_change_roles(by, user, changed),\n", "        True,\n",
        ("tests/functional/accounts/test_rules.py::test_nobody_gives_a_right_they_lack",),
    ),
    Mutant(
        "one admin stays", "cms/accounts/actions/assign_roles.py",
        "        keep_an_admin(user)\n", "        pass\n",
        ("tests/functional/accounts/test_rules.py::test_the_last_admin_stays_one",),
    ),
    Mutant(
        "who looks on changes nothing", "cms/accounts/security.py",
        "    app.before_request(refuse_changes)\n", "",
        ("tests/functional/admin/test_seeing.py::test_nothing_can_be_changed_by_any_route",),
    ),
    # -- signing in
    Mutant(
        "guessing has to wait", "cms/accounts/limits.py",
        "    raise TooManyTries(until or now + _MINUTE, now=now)\n", "    return Count(key, 1, until)\n",
        ("tests/functional/accounts/test_limits.py::test_the_sixth_guess_has_to_wait_and_what_was_typed_stays",),
    ),
    Mutant(
        "a signed-out cookie is dead", "cms/accounts/sessions.py",
        "            sign_ins.end_sign_in(sign_in_id)\n", "",
        ("tests/functional/accounts/test_sign_in.py::test_a_signed_out_cookie_is_dead",),
    ),
    Mutant(
        "a code of an app holds once", "cms/accounts/authenticators.py",
        ".values(last_step=step, last_used_at=moment)", ".values(last_used_at=moment)",
        ("tests/functional/accounts/test_authenticator.py::test_a_code_signs_in_once",),
    ),
    Mutant(
        "what matters asks whether it is you", "cms/accounts/freshness.py",
        "return confirmed_at is not None and confirmed_at + FRESH_FOR > (now or utcnow())", "return True",
        ("tests/functional/accounts/test_freshness.py::test_later_one_is_asked_and_nothing_typed_is_lost",),
    ),
    Mutant(
        "a role can ask for a second factor", "cms/accounts/sessions.py",
        "        if not is_open_to_confined():\n            return None\n", "",
        ("tests/functional/accounts/test_factor_policy.py::test_every_door_is_closed_but_those_to_set_one_up",),
    ),
    Mutant(
        "a personal token gives only what it names", "cms/accounts/personal_tokens.py",
        "    user.narrowed_to = frozenset(token.scopes)\n", "",
        ("tests/functional/accounts/test_personal_tokens.py::test_narrowing_outlives_whatever_forgets_the_person",
         "tests/functional/accounts/test_personal_tokens.py::test_a_token_is_known_with_the_rights_it_names"),
    ),
    Mutant(
        "another password ends personal tokens", "cms/accounts/datastore.py",
        "        end_tokens(user.id)\n", "",
        ("tests/functional/accounts/test_personal_tokens.py::test_another_password_ends_it",),
    ),
    Mutant(
        "a refresh token works once", "cms/accounts/program_sign_ins.py",
        "RefreshToken.used_at.is_(None), ", "",
        ("tests/functional/api/test_auth.py::test_a_refresh_token_that_comes_again_ends_the_sign_in",),
    ),
    Mutant(
        "a token of a program has the header of ours", "cms/accounts/access_tokens.py",
        " if set(header) == _HEADER else None", "",
        ("tests/functional/api/test_tokens_bad.py::test_what_is_no_token_of_ours_opens_nothing",),
    ),
    Mutant(
        "a token that renews opens nothing", "cms/accounts/access_tokens.py",
        '    if told.get("type") != kind:\n        _refuse_kind(kind)\n', "",
        ("tests/functional/api/test_tokens_bad.py::test_what_is_no_token_of_ours_opens_nothing",),
    ),
    Mutant(
        "what ends the account while the password is hashed is not missed", "cms/accounts/program_signing_in.py",
        "    if not _is_unchanged(user):\n        return WrongCredentials()\n", "",
        ("tests/functional/api/test_auth_races.py::test_what_ends_the_account_meanwhile_is_not_missed",),
    ),
    # -- the manners of the API
    Mutant(
        "what is sent twice is done once", "cms/core/idempotency.py",
        "    if claimed is None:\n        raise AnsweredAlready\n    return int(claimed)\n",
        "    return int(claimed or 0)\n",
        ("tests/functional/api/test_idempotency.py::test_of_many_at_once_one_is_done_and_all_hear_of_it",),
    ),
    Mutant(
        "a key stands for one request", "cms/api/idempotency.py",
        "    if kept.fingerprint != fingerprint:\n        raise KeyReused\n", "",
        ("tests/functional/api/test_idempotency.py::test_a_key_with_something_else_is_refused",),
    ),
    Mutant(
        "an origin is the whole of it", "cms/api/cors.py",
        'rf"{re.escape(origin)}\\Z"', "origin",
        ("tests/functional/api/test_cors.py::test_a_page_that_only_looks_alike_may_not",
         "tests/functional/api/test_cors.py::test_an_origin_is_no_pattern"),
    ),
    Mutant(
        "who tries tokens is counted", "cms/api/rates.py",
        "looking.insert(1, lambda", "looking.insert(2, lambda",
        ("tests/functional/api/test_rates.py::test_wrong_tokens_are_counted_as_strangers",),
    ),
    Mutant(
        "a Redis that hangs is left alone", "cms/core/redis_link.py",
        "            if now < self._away_until:\n                raise RedisAway\n", "",
        ("tests/functional/core/test_redis_link.py::test_of_many_questions_one_pays_for_a_fault",),
    ),
    Mutant(
        "a slow Redis is told of changes", "cms/cache/redis_store.py",
        "self._ask(_ANNOUNCE, [], said, default=False, needed=True)", "self._ask(_ANNOUNCE, [], said, default=False)",
        ("tests/functional/cache/test_redis_store.py::test_a_change_is_told_to_a_slow_redis_though_its_request_has_waited",),
    ),
    Mutant(
        "a request waits once for a slow Redis", "cms/core/redis_link.py",
        "if not needed and _waited() > PATIENCE:", "if False:",
        ("tests/functional/core/test_redis_link.py::test_a_request_waits_for_a_slow_redis_once_and_then_says_only_what_it_must",),
    ),
    Mutant(
        "a body that was cut short is refused", "cms/api/parsing.py",
        "        raise TooLarge\n    return raw\n", "        pass\n    return raw\n",
        ("tests/functional/api/test_manners.py::test_what_is_too_large_and_does_not_say_so_is_refused",),
    ),
    Mutant(
        "an ID token is for this sign-in", "cms/accounts/providers/tokens.py",
        '{"nonce": nonce, "client_id": provider.client_id, "access_token": access_token}',
        '{"client_id": provider.client_id, "access_token": access_token}',
        ("tests/functional/accounts/providers/test_takeovers.py::test_a_token_that_does_not_hold_signs_nobody_in",),
    ),
    Mutant(
        "a trip to a provider comes back once", "cms/accounts/provider_trips.py",
        "return use_once(_KIND, key, lasts=2 * LASTS)", "return True",
        ("tests/functional/accounts/providers/test_takeovers.py::test_a_state_is_used_once",),
    ),
    Mutant(
        "common passwords are refused", "cms/accounts/passwords.py",
        "if guessable.is_common(password):", "if password == '':",
        ("tests/functional/accounts/test_passwords.py::test_what_is_guessed_first_is_refused_with_a_sentence",),
    ),
    # -- the record
    Mutant(
        "a changed entry is found", "cms/audit/verifying.py",
        "        if row.hash != seal:\n", "        if row.hash == '':\n",
        ("tests/functional/audit/test_verifying.py::test_a_change_of_any_column_of_any_row_is_found",),
    ),
    Mutant(
        "removed last entries are missed", "cms/audit/verifying.py",
        "        if settled is not None and settled.number > last:\n", "        if settled is None:\n",
        ("tests/functional/audit/test_verifying.py::test_the_last_rows_with_their_details_are_missed",),
    ),
    Mutant(
        "the record is part of the change", "cms/audit/writing.py",
        "        before_commit(write_gathered)\n", "        after_commit(write_gathered)\n",
        ("tests/functional/audit/test_writing.py::test_an_act_tells_who_what_before_and_after",),
    ),
)
# fmt: on
