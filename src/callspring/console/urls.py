"""Every page of the console."""

from __future__ import annotations

from django.urls import path

from callspring.console.views import calls, company, dashboard, integrations, numbers, session, tracking, wizard

app_name = "console"
urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("calls/", calls.call_log, name="calls"),
    path("calls/<uuid:call_id>/", calls.call_page, name="call"),
    path("tracking-numbers/", tracking.tracking_numbers, name="tracking_numbers"),
    path("tracking-numbers/<int:scenario_id>/status/", tracking.switch, name="switch"),
    path("tracking-numbers/new/", wizard.choose, name="new"),
    path("tracking-numbers/new/campaign/", wizard.campaign, name="campaign"),
    path("tracking-numbers/new/users/", wizard.users, name="users"),
    path("tracking-numbers/new/review/", wizard.review, name="review"),
    path("tracking-numbers/new/routing/", wizard.routing, name="routing"),
    path("numbers/", numbers.numbers, name="numbers"),
    path("settings/integrations/", integrations.integrations, name="integrations"),
    path("settings/integrations/sites/", integrations.new_site, name="new_site"),
    path("settings/integrations/sites/<int:site_id>/", integrations.site, name="site"),
    path("settings/integrations/api-keys/", integrations.new_api_key, name="new_api_key"),
    path("settings/integrations/api-keys/<int:key_id>/revoke/", integrations.revoke, name="revoke_api_key"),
    path("settings/company/", company.company, name="company"),
    path("sign-in/", session.sign_in, name="sign_in"),
    path("sign-in/link/<str:token>/", session.sign_in_link, name="sign_in_link"),
    path("sign-out/", session.sign_out, name="sign_out"),
    path("company/", session.switch_company, name="switch_company"),
]
