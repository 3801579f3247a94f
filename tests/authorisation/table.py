"""Who gets what: every address of the site and every operation of the API.

A new address fails `test_matrix.py`, which names it. Add a line to the table it belongs to:

- One line a method (or `GET+POST`, where both answer the same). Methods without a line are refused: the test asks
  for each of them and takes only 405 or what a line gives that person at that address anyway.
- What stands in braces is Alice's; `things.py` makes it. A new kind of thing is added there.
- The words: `page` (HTML, 200), `sign-in` (sent to the sign-in page), `confirm` (sent to prove again who it is),
  `moved` (sent elsewhere), and otherwise the status. A POST brings no fields, unless `BODIES` has some: `page` and 422
  then show that the form was let in, and is shown again.
- Write what should be, not what the site answers now. Only the owner may get more than 404 for an object.

A new role of operators is a column of `ADMIN` and `ADMIN_MODELS`; `askers.py` makes its browser.
"""

#: Who stands behind a column; the other columns are called like their asker.
COLUMNS = {
    "operators": ["staff", "viewer", "support", "finance", "content", "chief", "superuser"],
    "customers": ["owner", "stranger"],
    "outside": ["anonymous", "owner", "stranger", "unproven", "no-factor"],
    "nobody": ["no key", "a session, no key", "unknown key", "revoked key", "expired key", "deactivated user's key"],
    "read": ["batches:read"],
    "write": ["batches:write"],
    "usage": ["usage:read"],
    "stranger's": ["stranger's key"],
    "operators'": ["staff's key", "superuser's key"],
}

# owner: Alice, who signed in a moment ago with her second factor; day-old: Alice, who did so a day ago.
# stranger: another customer, without a second factor. unproven: a superuser who has a second factor and has not
# presented it; no-factor: a superuser without one. ADMIN_REQUIRES_MFA is on, Google and Microsoft are configured.
PAGES = """
methods  address                                       anonymous stranger owner   day-old operators unproven no-factor
# For everybody; healthz says 503 because no worker runs here.
GET      /                                             page      page     page    page    page      page     page
GET      /api/v1/openapi.json                          200       200      200     200     200       200      200
GET+POST /api/v1/                                      404       404      404     404     404       404      404
GET      /terms/                                       page      page     page    page    page      page     page
GET      /privacy/                                     page      page     page    page    page      page     page
GET      /refunds/                                     page      page     page    page    page      page     page
GET      /contact/                                     page      page     page    page    page      page     page
GET      /pricing/                                     page      page     page    page    page      page     page
GET      /api/v1/docs                                  page      page     page    page    page      page     page
GET      /api/v1/examples                              page      page     page    page    page      page     page
GET      /api/v1/examples/batch.py                     200       200      200     200     200       200      200
GET+POST /i18n/setlang/                                moved     moved    moved   moved   moved     moved    moved
GET      /livez                                         200       200      200     200     200       200      200
GET      /readyz                                        200       200      200     200     200       200      200
GET      /metrics                                       404       404      404     404     404       404      404
GET      /healthz                                      503       503      503     503     503       503      503
GET      /.well-known/security.txt                     200       200      200     200     200       200      200
GET      /.well-known/change-password                  moved     moved    moved   moved   moved     moved    moved
# Signing in and out
GET+POST /accounts/login/                              page      moved    moved   moved   moved     moved    moved
GET      /accounts/logout/                             moved     page     page    page    page      page     page
POST     /accounts/logout/                             moved     moved    moved   moved   moved     moved    moved
GET      /accounts/inactive/                           page      page     page    page    page      page     page
GET+POST /accounts/signup/                             page      moved    moved   moved   moved     moved    moved
GET+POST /accounts/confirm-email/                      sign-in   moved    moved   moved   moved     moved    moved
GET+POST /accounts/password/reset/                     page      page     page    page    page      page     page
GET+POST /accounts/login/code/confirm/                 moved     moved    moved   moved   moved     moved    moved
GET+POST /accounts/password/reset/confirm/             sign-in   sign-in  sign-in sign-in sign-in   sign-in  sign-in
GET+POST /accounts/password/reset/complete/            moved     moved    moved   moved   moved     moved    moved
GET      /accounts/password/reset/done/                page      page     page    page    page      page     page
GET+POST /accounts/login/code/                         page      moved    moved   moved   moved     moved    moved
GET+POST /accounts/2fa/authenticate/                   sign-in   moved    moved   moved   moved     moved    moved
GET+POST /accounts/2fa/webauthn/login/                 sign-in   moved    moved   moved   moved     moved    moved
GET      /accounts/3rdparty/login/cancelled/           page      page     page    page    page      page     page
GET      /accounts/3rdparty/login/error/               401       401      401     401     401       401      401
GET+POST /accounts/3rdparty/signup/                    sign-in   sign-in  sign-in sign-in sign-in   sign-in  sign-in
GET+POST /accounts/social/login/cancelled/             moved     moved    moved   moved   moved     moved    moved
GET+POST /accounts/social/login/error/                 moved     moved    moved   moved   moved     moved    moved
GET+POST /accounts/social/signup/                      moved     moved    moved   moved   moved     moved    moved
GET+POST /accounts/social/connections/                 moved     moved    moved   moved   moved     moved    moved
GET      /accounts/google/login/                       page      page     page    page    page      page     page
POST     /accounts/google/login/                       moved     moved    moved   moved   moved     moved    moved
GET+POST /accounts/google/login/callback/              401       401      401     401     401       401      401
GET+POST /accounts/google/login/token/                 401       401      401     401     401       401      401
GET      /accounts/microsoft/login/                    page      page     page    page    page      page     page
POST     /accounts/microsoft/login/                    moved     moved    moved   moved   moved     moved    moved
GET+POST /accounts/microsoft/login/callback/           401       401      401     401     401       401      401
# Proving who it is, and changing how one signs in
GET+POST /accounts/reauthenticate/                     sign-in   confirm  confirm confirm confirm   confirm  confirm
GET+POST /accounts/reauthenticate/code/                sign-in   page     confirm confirm confirm   confirm  page
GET+POST /accounts/reauthenticate/code/confirm/        sign-in   confirm  confirm confirm confirm   confirm  confirm
GET      /accounts/email/                              sign-in   page     page    page    page      page     page
POST     /accounts/email/                              sign-in   moved    moved   confirm moved     confirm  moved
GET+POST /accounts/password/change/                    sign-in   moved    moved   moved   moved     moved    moved
GET+POST /accounts/password/set/                       sign-in   page     page    confirm page      confirm  page
GET      /accounts/2fa/                                sign-in   page     page    page    page      page     page
GET+POST /accounts/2fa/reauthenticate/                 sign-in   confirm  page    page    page      page     confirm
GET+POST /accounts/2fa/totp/activate/                  sign-in   page     moved   confirm moved     confirm  403
GET      /accounts/2fa/totp/deactivate/                sign-in   404      page    confirm page      confirm  404
POST     /accounts/2fa/totp/deactivate/                sign-in   404      moved   confirm moved     confirm  404
GET      /accounts/2fa/recovery-codes/                 sign-in   404      page    confirm 404       404      404
GET      /accounts/2fa/recovery-codes/generate/        sign-in   page     page    confirm page      confirm  403
POST     /accounts/2fa/recovery-codes/generate/        sign-in   page     moved   confirm moved     confirm  403
GET      /accounts/2fa/recovery-codes/download/        sign-in   404      200     confirm 404       404      404
GET      /accounts/2fa/webauthn/                       sign-in   page     page    page    page      page     page
GET+POST /accounts/2fa/webauthn/add/                   sign-in   page     page    confirm page      confirm  403
GET      /accounts/2fa/webauthn/reauthenticate/        sign-in   confirm  page    page    confirm   confirm  confirm
POST     /accounts/2fa/webauthn/reauthenticate/        sign-in   confirm  sign-in sign-in confirm   confirm  confirm
GET      /accounts/2fa/webauthn/keys/{passkey}/remove/ sign-in   404      page    confirm 404       confirm  403
POST     /accounts/2fa/webauthn/keys/{passkey}/remove/ sign-in   404      moved   confirm 404       confirm  403
GET+POST /accounts/2fa/webauthn/keys/{passkey}/edit/   sign-in   404      page    confirm 404       confirm  403
GET      /accounts/3rdparty/                           sign-in   page     page    page    page      page     page
POST     /accounts/3rdparty/                           sign-in   page     moved   confirm page      page     page
GET      /accounts/sessions/                           sign-in   page     page    page    page      page     page
POST     /accounts/sessions/                           sign-in   moved    moved   moved   moved     moved    moved
# The account
GET      /account/                                     sign-in   page     page    page    page      page     page
GET      /account/activity/                            sign-in   page     page    page    page      page     page
GET      /account/enrolment/{invitation}/              sign-in   404      404     404     404       404      page
POST     /account/enrolment/{invitation}/              sign-in   404      404     404     404       404      moved
GET      /account/privacy/                             sign-in   page     page    page    page      page     page
GET      /account/privacy/export/                      sign-in   200      200     confirm 200       confirm  200
GET      /account/privacy/delete/                      sign-in   page     page    confirm moved     confirm  moved
POST     /account/privacy/delete/                      sign-in   422      422     confirm moved     confirm  moved
POST     /account/privacy/keep/                        sign-in   moved    moved   moved   moved     moved    moved
POST     /account/batch-mails/                         sign-in   moved    moved   moved   moved     moved    moved
GET+POST /account/batch-mails/off/{batch_mails}/       page      page     page    page    page      page     page
# Batches
GET      /batches/{batch}/progress/                    401       404      200     200     404       404      404
GET      /batches/                                     sign-in   page     page    page    page      page     page
GET+POST /batches/new/                                 sign-in   page     page    page    page      page     page
GET      /batches/bill/                                sign-in   moved    moved   moved   moved     moved    moved
POST     /batches/bill/                                sign-in   422      422     422     422       422      422
GET      /batches/{batch}/                             sign-in   404      page    page    404       404      404
GET+POST /batches/{batch}/prompts/2/                   sign-in   404      page    page    404       404      404
POST     /batches/{batch}/verdicts/                    401       404      400     400     404       404      404
POST     /batches/{batch}/again/                       sign-in   404      moved   moved   404       404      404
GET+POST /batches/{batch}/images/1/again/              sign-in   404      page    page    404       404      404
GET+POST /batches/{batch}/images/1/edit/               sign-in   404      page    page    404       404      404
POST     /batches/{batch}/confirm/                     401       404      400     400     404       404      404
GET      /batches/{batch}/images/1/                    401       404      200     200     404       404      404
GET      /batches/{batch}/manifest.csv                 401       404      200     200     404       404      404
GET      /batches/{batch}/zip/                         sign-in   404      200     200     404       404      404
POST     /batches/{batch}/pause/                       sign-in   404      moved   moved   404       404      404
POST     /batches/{batch}/resume/                      sign-in   404      moved   moved   404       404      404
POST     /batches/{batch}/cancel/                      sign-in   404      moved   moved   404       404      404
POST     /batches/{batch}/retry/                       sign-in   404      moved   moved   404       404      404
POST     /batches/{batch}/delete/                      sign-in   404      moved   moved   404       404      404
GET      /batches/{batch}/delete/ask/                  sign-in   404      page    page    404       404      404
GET+POST /batches/{batch}/preset/                      sign-in   404      page    page    404       404      404
# Presets
GET      /batches/presets/                             sign-in   page     page    page    page      page     page
GET      /batches/presets/save/                        sign-in   moved    moved   moved   moved     moved    moved
POST     /batches/presets/save/                        sign-in   422      422     422     422       422      422
GET      /batches/presets/{preset}/                    sign-in   404      page    page    404       404      404
POST     /batches/presets/{preset}/delete/             sign-in   404      moved   moved   404       404      404
# Reference photos
POST     /batches/{batch}/photos/add/                  sign-in   404      moved   moved   404       404      404
POST     /batches/{batch}/photos/1/delete/             sign-in   404      moved   moved   404       404      404
GET      /batches/{batch}/photos/rest/                 401       404      200     200     404       404      404
POST     /batches/{batch}/photos/rest/                 sign-in   404      400     400     404       404      404
POST     /batches/references/                          sign-in   422      422     422     422       422      422
GET      /batches/references/{reference}/              401       404      200     200     404       404      404
POST     /batches/references/{reference}/delete/       401       404      204     204     404       404      404
# Suggestions
POST     /batches/writing/improve/                     sign-in   422      422     422     422       422      422
GET      /batches/writing/list/                        sign-in   moved    moved   moved   moved     moved    moved
POST     /batches/writing/list/                        sign-in   422      422     422     422       422      422
POST     /batches/{batch}/prompts/2/suggest/           sign-in   404      page    page    404       404      404
# Money
GET      /account/billing/                             sign-in   page     page    page    page      page     page
POST     /account/billing/checkout/                    sign-in   404      404     404     404       404      404
POST     /account/billing/portal/                      sign-in   moved    moved   moved   moved     moved    moved
GET      /account/billing/success/                     sign-in   moved    moved   moved   moved     moved    moved
GET      /account/billing/cancelled/                   sign-in   moved    moved   moved   moved     moved    moved
POST     /stripe/webhook/{stripe}/                     400       400      400     400     400       400      400
POST     /replicate/webhook/                           400       400      400     400     400       400      400
# Keys and usage
GET      /account/keys/                                sign-in   page     page    page    page      page     page
GET+POST /account/keys/new/                            sign-in   page     page    confirm page      confirm  page
GET+POST /account/keys/{key}/name/                     sign-in   404      page    page    404       404      404
POST     /account/keys/{key}/revoke/                   sign-in   404      moved   moved   404       404      404
GET      /account/usage/                               sign-in   page     page    page    page      page     page
# Webhooks
GET+POST /account/webhooks/                            sign-in   page     page    page    page      page     page
GET      /account/webhooks/secret/                     sign-in   page     page    confirm page      confirm  page
POST     /account/webhooks/secret/rotate/              sign-in   moved    moved   confirm moved     confirm  moved
GET      /account/webhooks/deliveries/{delivery}/      sign-in   404      page    page    404       404      404
POST     /account/webhooks/deliveries/{delivery}/send/ sign-in   404      moved   moved   404       404      404
GET+POST /account/webhooks/{endpoint}/                 sign-in   404      page    page    404       404      404
GET      /account/webhooks/{endpoint}/secret/          sign-in   404      page    confirm 404       confirm  404
POST     /account/webhooks/{endpoint}/secret/rotate/   sign-in   404      moved   confirm 404       confirm  404
POST     /account/webhooks/{endpoint}/test/            sign-in   404      moved   moved   404       404      404
POST     /account/webhooks/{endpoint}/on/              sign-in   404      moved   moved   404       404      404
POST     /account/webhooks/{endpoint}/off/             sign-in   404      moved   moved   404       404      404
POST     /account/webhooks/{endpoint}/remove/          sign-in   404      moved   moved   404       404      404
"""

# "customers" are the owner and the stranger.
ADMIN_DOOR = """
methods  address        anonymous customers unproven no-factor operators
GET+POST /admin/login/  sign-in   403       confirm  403       moved
POST     /admin/logout/ moved     moved     moved    moved     moved
"""

# outside: all those without the admin, as above. staff has no permission, viewer only "view" ones. support to chief (an
# owner) are the roles of operations/customers/roles.py.
ADMIN = """
methods  address                                            outside staff viewer support finance content chief superuser
GET+POST /admin/                                            sign-in page  page   page    page    page    page  page
GET+POST /admin/password_change/                            sign-in moved moved  moved   moved   moved   moved moved
GET      /admin/password_change/done/                       sign-in page  page   page    page    page    page  page
GET      /admin/dashboard/                                  sign-in 403   page   403     page    403     page  page
GET      /admin/autocomplete/?{membership_user}             sign-in 403   200    200     200     200     200   200
GET      /admin/jsi18n/                                     sign-in 200   200    200     200     200     200   200
GET+POST /admin/r/1/1/                                      sign-in 404   404    404     404     404     404   404
GET+POST /admin/billing/                                    sign-in 404   page   page    page    404     page  page
GET+POST /admin/billing/creditaccount/{account}/statement/  sign-in 403   page   page    page    403     page  page
GET+POST /admin/billing/membership/plans/                   sign-in 403   page   page    page    403     page  page
GET+POST /admin/accounts/user/credits/?ids={alice}          sign-in 403   403    403     page    403     page  page
GET+POST /admin/accounts/user/{alice}/plan/                 sign-in 403   403    403     page    403     page  page
GET+POST /admin/accounts/user/{alice}/refund/               sign-in 403   403    403     page    403     page  page
POST     /admin/accounts/user/{alice}/password-reset/       sign-in 403   403    moved   403     403     moved moved
POST     /admin/accounts/user/{alice}/sign-out/             sign-in 403   403    moved   403     403     moved moved
GET+POST /admin/accounts/user/{alice}/suspend/              sign-in 403   403    page    403     page    page  page
POST     /admin/accounts/user/{alice}/lift/                 sign-in 403   403    moved   403     moved   moved moved
GET      /admin/accounts/user/{alice}/close/                sign-in 403   403    page    403     403     page  page
POST     /admin/accounts/user/{alice}/close/                sign-in 403   403    moved   403     403     moved moved
POST     /admin/accounts/user/{alice}/keep/                 sign-in 403   403    moved   403     403     moved moved
GET      /admin/accounts/user/{alice}/roles/                sign-in 403   403    403     403     403     page  page
POST     /admin/accounts/user/{alice}/roles/                sign-in 403   403    403     403     403     moved moved
# Operators' accounts are the owners' business, and a superuser's a superuser's.
GET+POST /admin/accounts/user/{staff}/suspend/              sign-in 403   403    403     403     403     page  page
GET+POST /admin/accounts/user/{staff}/plan/                 sign-in 403   403    403     403     403     page  page
GET+POST /admin/accounts/user/{staff}/close/                sign-in 403   403    403     403     403     403   403
GET      /admin/accounts/user/{staff}/roles/                sign-in 403   403    403     403     403     page  page
POST     /admin/accounts/user/{staff}/roles/                sign-in 403   403    403     403     403     moved moved
GET      /admin/accounts/user/{factorless}/roles/           sign-in 403   403    403     403     403     403   page
POST     /admin/accounts/user/{factorless}/roles/           sign-in 403   403    403     403     403     403   moved
POST     /admin/accounts/user/{factorless}/sign-out/        sign-in 403   403    403     403     403     403   moved
POST     /admin/accounts/user/{factorless}/invitation/      sign-in 403   403    403     403     403     403   moved
# Operators can't set a customer's password.
GET+POST /admin/accounts/user/{alice}/password/             sign-in 403   403    403     403     403     403   403
GET+POST /admin/accounts/user/{staff}/password/             sign-in 403   403    403     403     403     page  page
GET+POST /admin/nowhere/                                    sign-in 404   404    404     404     404     404   404
"""

# The list, form, history and deletion of each model. Everybody else is sent to the sign-in, staff get 403.
# all: view,add,change,delete.
ADMIN_MODELS = """
model                        viewer support         finance  content chief      superuser
accounts.apikey              view   view            -        -       view            view
accounts.auditentry          view   view            -        -       view            view
accounts.keyusageday         view   view            -        -       view            view
accounts.user                view   view,add,change view     view    view,add,change view,add,change
auth.group                   view   -               -        -       all             all
batches.batch                view   view            -        view    view            view
batches.batchevent           view   view            -        view    view            view
batches.imagemodel           view   view            -        all     all             all
batches.moderationcase       view   -               -        view    view            view
batches.preset               view   -               -        all     all             all
batches.prompt               view   view            -        view    view            view
batches.webhookdelivery      view   view            -        -       view            view
batches.webhookendpoint      view   view            -        -       view            view
billing.creditaccount        view   view            view     -       view            view
billing.creditgrant          view   view            view     -       view            view
billing.delayedpayment       view   view            view     -       view            view
billing.hold                 view   view            view     -       view            view
billing.ledgerentry          view   view            view     -       view            view
billing.membership           view   view            view     -       view            view
privacy.legalpage            view   -               -        view,change view,change   view,change
djstripe.webhookeventtrigger view   -               view     -       view            view
mfa.authenticator            view   view,delete     -        -       view,delete     view,delete
socialaccount.socialaccount  view   view,delete     -        -       view,delete     view,delete
usersessions.usersession     view   view,delete     -        -       view,delete     view,delete
"""

# The actions of the lists. Owners and superusers have all of them, the viewer none.
ADMIN_ACTIONS = """
model                        role       actions
accounts.apikey              support    revoke
accounts.user                finance    give_credits
auth.group                   chief delete_selected
batches.batch                support    pause,resume,cancel,retry
batches.imagemodel           content    delete_selected
batches.moderationcase       content    fine,warn,suspend
batches.preset               content    delete_selected
batches.webhookdelivery      support    send_again
djstripe.webhookeventtrigger finance    run_again
mfa.authenticator            support    delete_selected
socialaccount.socialaccount  support    delete_selected
usersessions.usersession     support    delete_selected
"""


# read to billing: Alice's keys with that scope alone. Another customer's key and the operators' have all scopes.
API = """
method address                                      nobody read write usage billing stranger's operators'
GET    /api/v1/batches                              401    200  403   403   403     200        200
POST   /api/v1/batches                              401    403  201   403   403     201        201
GET    /api/v1/batches/{batch_id}                   401    200  403   403   403     404        404
DELETE /api/v1/batches/{batch_id}                   401    403  204   403   403     404        404
GET    /api/v1/batches/{batch_id}/zip               401    200  403   403   403     404        404
GET    /api/v1/batches/{batch_id}/images/{position} 401    200  403   403   403     404        404
POST   /api/v1/batches/{batch_id}/pause             401    403  200   403   403     404        404
POST   /api/v1/batches/{batch_id}/resume            401    403  200   403   403     404        404
POST   /api/v1/batches/{batch_id}/cancel            401    403  200   403   403     404        404
PUT    /api/v1/batches/{batch_id}/verdicts          401    403  200   403   403     404        404
PUT    /api/v1/batches/{batch_id}/references        401    403  422   403   403     422        422
POST   /api/v1/batches/{batch_id}/images/{position}/again 401 403 201  403   403     404        404
POST   /api/v1/batches/{batch_id}/images/{position}/edit 401 403 422  403   403     422        422
POST   /api/v1/batches/{batch_id}/images/{position}/rest 401 403 422  403   403     404        404
POST   /api/v1/batches/{batch_id}/retry             401    403  200   403   403     404        404
POST   /api/v1/references                           401    403  422   403   403     422        422
DELETE /api/v1/references/{reference_id}            401    403  204   403   403     404        404
GET    /api/v1/models                               401    200  403   403   403     200        200
GET    /api/v1/account                              401    200  403   403   403     200        200
GET    /api/v1/usage                                401    403  403   200   403     200        200
# Of operators only, with the scope billing; 400: let in, but the body is empty.
POST   /api/v1/billing/create-customer              401    403  403   403   403     403        400
POST   /api/v1/billing/create-payment-intent        401    403  403   403   403     403        400
POST   /api/v1/billing/create-invoice               401    403  403   403   403     403        400
"""

#: What is sent where an empty form would not show the difference; text is JSON.
BODIES = {
    ("POST", "/accounts/email/"): {"action_add": "", "email": "new@example.org"},
    # Too long: an empty text is valid.
    ("POST", "/admin/privacy/legalpage/{privacy.legalpage}/change/"): {"text": "x" * 100_001},
    ("POST", "/accounts/3rdparty/"): {"account": "{socialaccount.socialaccount}"},
    ("PUT", "/api/v1/batches/{batch_id}/verdicts"): '{"1": "keep"}',
    ("POST", "/api/v1/batches/{batch_id}/images/{position}/again"): "{}",
    ("POST", "/api/v1/batches"): '{"prompts": ["a lighthouse"]}',
}

#: Where a POST needs no CSRF token: nothing there is done in the name of a session.
WITHOUT_CSRF_TOKEN = {
    "/stripe/webhook/{stripe}/",  # signed by Stripe
    "/replicate/webhook/",  # signed by Replicate
    "/account/batch-mails/off/{batch_mails}/",  # the address is signed by us, and mail programs call it
    "/accounts/google/login/token/",  # Google's button has a token of its own, which allauth compares
    "/api/v1/",  # no session opens the API
}
