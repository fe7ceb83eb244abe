//! Every operation that Amazon Pinpoint has, so that one that is not served can be named in the answer.
//!
//! Source: the botocore model of `pinpoint`, version 2016-12-01.

use http::Method;

/// What to call a request that no row serves: the operation's name, or method and path where AWS has none.
pub(crate) fn unserved_name(method: &Method, path: &str) -> String {
    let known = ALL
        .iter()
        .find(|(_, of, uri)| *of == method.as_str() && fits(uri, path));
    known.map_or_else(
        || format!("{method} {path}"),
        |(name, ..)| (*name).to_owned(),
    )
}

/// Whether `path` has the form of `uri`, in which `{}` stands for one segment.
fn fits(uri: &str, path: &str) -> bool {
    let (mut uri, mut path) = (uri.split('/'), path.trim_end_matches('/').split('/'));
    loop {
        match (uri.next(), path.next()) {
            (None, None) => return true,
            (Some("{}"), Some(sent)) if !sent.is_empty() => {}
            (Some(wanted), Some(sent)) if wanted == sent => {}
            _ => return false,
        }
    }
}

/// Name, method, path.
#[rustfmt::skip]
static ALL: &[(&str, &str, &str)] = &[
    ("CreateApp", "POST", "/v1/apps"),
    ("CreateCampaign", "POST", "/v1/apps/{}/campaigns"),
    ("CreateEmailTemplate", "POST", "/v1/templates/{}/email"),
    ("CreateExportJob", "POST", "/v1/apps/{}/jobs/export"),
    ("CreateImportJob", "POST", "/v1/apps/{}/jobs/import"),
    ("CreateInAppTemplate", "POST", "/v1/templates/{}/inapp"),
    ("CreateJourney", "POST", "/v1/apps/{}/journeys"),
    ("CreatePushTemplate", "POST", "/v1/templates/{}/push"),
    ("CreateRecommenderConfiguration", "POST", "/v1/recommenders"),
    ("CreateSegment", "POST", "/v1/apps/{}/segments"),
    ("CreateSmsTemplate", "POST", "/v1/templates/{}/sms"),
    ("CreateVoiceTemplate", "POST", "/v1/templates/{}/voice"),
    ("DeleteAdmChannel", "DELETE", "/v1/apps/{}/channels/adm"),
    ("DeleteApnsChannel", "DELETE", "/v1/apps/{}/channels/apns"),
    ("DeleteApnsSandboxChannel", "DELETE", "/v1/apps/{}/channels/apns_sandbox"),
    ("DeleteApnsVoipChannel", "DELETE", "/v1/apps/{}/channels/apns_voip"),
    ("DeleteApnsVoipSandboxChannel", "DELETE", "/v1/apps/{}/channels/apns_voip_sandbox"),
    ("DeleteApp", "DELETE", "/v1/apps/{}"),
    ("DeleteBaiduChannel", "DELETE", "/v1/apps/{}/channels/baidu"),
    ("DeleteCampaign", "DELETE", "/v1/apps/{}/campaigns/{}"),
    ("DeleteEmailChannel", "DELETE", "/v1/apps/{}/channels/email"),
    ("DeleteEmailTemplate", "DELETE", "/v1/templates/{}/email"),
    ("DeleteEndpoint", "DELETE", "/v1/apps/{}/endpoints/{}"),
    ("DeleteEventStream", "DELETE", "/v1/apps/{}/eventstream"),
    ("DeleteGcmChannel", "DELETE", "/v1/apps/{}/channels/gcm"),
    ("DeleteInAppTemplate", "DELETE", "/v1/templates/{}/inapp"),
    ("DeleteJourney", "DELETE", "/v1/apps/{}/journeys/{}"),
    ("DeletePushTemplate", "DELETE", "/v1/templates/{}/push"),
    ("DeleteRecommenderConfiguration", "DELETE", "/v1/recommenders/{}"),
    ("DeleteSegment", "DELETE", "/v1/apps/{}/segments/{}"),
    ("DeleteSmsChannel", "DELETE", "/v1/apps/{}/channels/sms"),
    ("DeleteSmsTemplate", "DELETE", "/v1/templates/{}/sms"),
    ("DeleteUserEndpoints", "DELETE", "/v1/apps/{}/users/{}"),
    ("DeleteVoiceChannel", "DELETE", "/v1/apps/{}/channels/voice"),
    ("DeleteVoiceTemplate", "DELETE", "/v1/templates/{}/voice"),
    ("GetAdmChannel", "GET", "/v1/apps/{}/channels/adm"),
    ("GetApnsChannel", "GET", "/v1/apps/{}/channels/apns"),
    ("GetApnsSandboxChannel", "GET", "/v1/apps/{}/channels/apns_sandbox"),
    ("GetApnsVoipChannel", "GET", "/v1/apps/{}/channels/apns_voip"),
    ("GetApnsVoipSandboxChannel", "GET", "/v1/apps/{}/channels/apns_voip_sandbox"),
    ("GetApp", "GET", "/v1/apps/{}"),
    ("GetApplicationDateRangeKpi", "GET", "/v1/apps/{}/kpis/daterange/{}"),
    ("GetApplicationSettings", "GET", "/v1/apps/{}/settings"),
    ("GetApps", "GET", "/v1/apps"),
    ("GetBaiduChannel", "GET", "/v1/apps/{}/channels/baidu"),
    ("GetCampaign", "GET", "/v1/apps/{}/campaigns/{}"),
    ("GetCampaignActivities", "GET", "/v1/apps/{}/campaigns/{}/activities"),
    ("GetCampaignDateRangeKpi", "GET", "/v1/apps/{}/campaigns/{}/kpis/daterange/{}"),
    ("GetCampaignVersion", "GET", "/v1/apps/{}/campaigns/{}/versions/{}"),
    ("GetCampaignVersions", "GET", "/v1/apps/{}/campaigns/{}/versions"),
    ("GetCampaigns", "GET", "/v1/apps/{}/campaigns"),
    ("GetChannels", "GET", "/v1/apps/{}/channels"),
    ("GetEmailChannel", "GET", "/v1/apps/{}/channels/email"),
    ("GetEmailTemplate", "GET", "/v1/templates/{}/email"),
    ("GetEndpoint", "GET", "/v1/apps/{}/endpoints/{}"),
    ("GetEventStream", "GET", "/v1/apps/{}/eventstream"),
    ("GetExportJob", "GET", "/v1/apps/{}/jobs/export/{}"),
    ("GetExportJobs", "GET", "/v1/apps/{}/jobs/export"),
    ("GetGcmChannel", "GET", "/v1/apps/{}/channels/gcm"),
    ("GetImportJob", "GET", "/v1/apps/{}/jobs/import/{}"),
    ("GetImportJobs", "GET", "/v1/apps/{}/jobs/import"),
    ("GetInAppMessages", "GET", "/v1/apps/{}/endpoints/{}/inappmessages"),
    ("GetInAppTemplate", "GET", "/v1/templates/{}/inapp"),
    ("GetJourney", "GET", "/v1/apps/{}/journeys/{}"),
    ("GetJourneyDateRangeKpi", "GET", "/v1/apps/{}/journeys/{}/kpis/daterange/{}"),
    ("GetJourneyExecutionActivityMetrics", "GET", "/v1/apps/{}/journeys/{}/activities/{}/execution-metrics"),
    ("GetJourneyExecutionMetrics", "GET", "/v1/apps/{}/journeys/{}/execution-metrics"),
    ("GetJourneyRunExecutionActivityMetrics", "GET", "/v1/apps/{}/journeys/{}/runs/{}/activities/{}/execution-metrics"),
    ("GetJourneyRunExecutionMetrics", "GET", "/v1/apps/{}/journeys/{}/runs/{}/execution-metrics"),
    ("GetJourneyRuns", "GET", "/v1/apps/{}/journeys/{}/runs"),
    ("GetPushTemplate", "GET", "/v1/templates/{}/push"),
    ("GetRecommenderConfiguration", "GET", "/v1/recommenders/{}"),
    ("GetRecommenderConfigurations", "GET", "/v1/recommenders"),
    ("GetSegment", "GET", "/v1/apps/{}/segments/{}"),
    ("GetSegmentExportJobs", "GET", "/v1/apps/{}/segments/{}/jobs/export"),
    ("GetSegmentImportJobs", "GET", "/v1/apps/{}/segments/{}/jobs/import"),
    ("GetSegmentVersion", "GET", "/v1/apps/{}/segments/{}/versions/{}"),
    ("GetSegmentVersions", "GET", "/v1/apps/{}/segments/{}/versions"),
    ("GetSegments", "GET", "/v1/apps/{}/segments"),
    ("GetSmsChannel", "GET", "/v1/apps/{}/channels/sms"),
    ("GetSmsTemplate", "GET", "/v1/templates/{}/sms"),
    ("GetUserEndpoints", "GET", "/v1/apps/{}/users/{}"),
    ("GetVoiceChannel", "GET", "/v1/apps/{}/channels/voice"),
    ("GetVoiceTemplate", "GET", "/v1/templates/{}/voice"),
    ("ListJourneys", "GET", "/v1/apps/{}/journeys"),
    ("ListTagsForResource", "GET", "/v1/tags/{}"),
    ("ListTemplateVersions", "GET", "/v1/templates/{}/{}/versions"),
    ("ListTemplates", "GET", "/v1/templates"),
    ("PhoneNumberValidate", "POST", "/v1/phone/number/validate"),
    ("PutEventStream", "POST", "/v1/apps/{}/eventstream"),
    ("PutEvents", "POST", "/v1/apps/{}/events"),
    ("RemoveAttributes", "PUT", "/v1/apps/{}/attributes/{}"),
    ("SendMessages", "POST", "/v1/apps/{}/messages"),
    ("SendOTPMessage", "POST", "/v1/apps/{}/otp"),
    ("SendUsersMessages", "POST", "/v1/apps/{}/users-messages"),
    ("TagResource", "POST", "/v1/tags/{}"),
    ("UntagResource", "DELETE", "/v1/tags/{}"),
    ("UpdateAdmChannel", "PUT", "/v1/apps/{}/channels/adm"),
    ("UpdateApnsChannel", "PUT", "/v1/apps/{}/channels/apns"),
    ("UpdateApnsSandboxChannel", "PUT", "/v1/apps/{}/channels/apns_sandbox"),
    ("UpdateApnsVoipChannel", "PUT", "/v1/apps/{}/channels/apns_voip"),
    ("UpdateApnsVoipSandboxChannel", "PUT", "/v1/apps/{}/channels/apns_voip_sandbox"),
    ("UpdateApplicationSettings", "PUT", "/v1/apps/{}/settings"),
    ("UpdateBaiduChannel", "PUT", "/v1/apps/{}/channels/baidu"),
    ("UpdateCampaign", "PUT", "/v1/apps/{}/campaigns/{}"),
    ("UpdateEmailChannel", "PUT", "/v1/apps/{}/channels/email"),
    ("UpdateEmailTemplate", "PUT", "/v1/templates/{}/email"),
    ("UpdateEndpoint", "PUT", "/v1/apps/{}/endpoints/{}"),
    ("UpdateEndpointsBatch", "PUT", "/v1/apps/{}/endpoints"),
    ("UpdateGcmChannel", "PUT", "/v1/apps/{}/channels/gcm"),
    ("UpdateInAppTemplate", "PUT", "/v1/templates/{}/inapp"),
    ("UpdateJourney", "PUT", "/v1/apps/{}/journeys/{}"),
    ("UpdateJourneyState", "PUT", "/v1/apps/{}/journeys/{}/state"),
    ("UpdatePushTemplate", "PUT", "/v1/templates/{}/push"),
    ("UpdateRecommenderConfiguration", "PUT", "/v1/recommenders/{}"),
    ("UpdateSegment", "PUT", "/v1/apps/{}/segments/{}"),
    ("UpdateSmsChannel", "PUT", "/v1/apps/{}/channels/sms"),
    ("UpdateSmsTemplate", "PUT", "/v1/templates/{}/sms"),
    ("UpdateTemplateActiveVersion", "PUT", "/v1/templates/{}/{}/active-version"),
    ("UpdateVoiceChannel", "PUT", "/v1/apps/{}/channels/voice"),
    ("UpdateVoiceTemplate", "PUT", "/v1/templates/{}/voice"),
    ("VerifyOTPMessage", "POST", "/v1/apps/{}/verify-otp"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found_by_its_own_path() {
        assert_eq!(ALL.len(), 122);
        for (name, method, uri) in ALL {
            let path = uri.replace("{}", "x1");
            let method = Method::from_bytes(method.as_bytes()).unwrap_or_default();
            assert_eq!(unserved_name(&method, &path), *name);
        }
    }

    #[test]
    fn every_served_row_is_an_operation_of_aws() {
        for row in super::super::OPERATIONS {
            let labels = |segment: &str| {
                if segment.starts_with('{') {
                    "{}".to_owned()
                } else {
                    segment.to_owned()
                }
            };
            let uri: Vec<_> = row.path.split('/').map(labels).collect();
            assert!(
                ALL.contains(&(row.name, row.method, &*uri.join("/"))),
                "{row:?}"
            );
        }
    }

    #[test]
    fn what_aws_has_not_is_shown_as_it_came() {
        assert_eq!(unserved_name(&Method::PATCH, "/v1/apps"), "PATCH /v1/apps");
        assert_eq!(
            unserved_name(&Method::GET, "/v1/apps//settings"),
            "GET /v1/apps//settings"
        );
    }
}
